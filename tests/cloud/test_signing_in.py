"""The command line on a deployed stack with sign-in: its operator, a person and a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx
import pytest

from tests.cloud.operator import Operator
from tests.cloud.people import ACTION, FIELD, PASSWORD, Provider
from tests.cloud.running import UP, RunningCloud, running_cloud
from tests.cloud.stack import Json
from tests.cloud.test_access import settings_for
from tests.pictures import picture
from tintype.local.ports import free_port

EMAIL = "ann@example.com"
CALLBACK = 8976  # the port to which a browser returns
LIVE = {"socket", "announcement", "query"}


@dataclass(frozen=True)
class Machine:
    """A person's machine: a folder, in which the local cloud runs, and the person's state folder."""

    folder: Path
    cloud: RunningCloud
    operator: Operator | None = None

    def starts(self, *words: str, key: str = "") -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - our own command
            [UP[0], *words],
            cwd=self.folder,
            env=self.environment(key),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self, key: str = "") -> dict[str, str]:
        """Return the environment of commands: one state folder, and an API key or none."""
        return {
            **os.environ,
            "XDG_STATE_HOME": str(self.folder / "kept"),
            "TINTYPE_API_KEY": key,
        }

    def says(self, *words: str, fails: bool = False, key: str = "") -> str:
        """Run a command, and return what it prints."""
        with self.starts(*words, key=key) as running:
            out, err = running.communicate(timeout=120)
        assert (running.returncode != 0) is fails, out + err
        return out + err if fails else out

    def document(self, *words: str, key: str = "") -> Json:
        found: Json = json.loads(self.says(*words, "--json", key=key))
        return found

    def invites(self, email: str) -> None:
        """Add a user, who then chooses a password."""
        self.says("users", "add", email)
        assert self.operator
        self.operator.client("cognito-idp").admin_set_user_password(
            UserPoolId=self.cloud.outputs["UserPoolId"],
            Username=email,
            Password=PASSWORD,
            Permanent=True,
        )

    def signs_in(self, name: str) -> str:
        """Sign in with a browser, and return what the command prints."""
        with self.starts("login", "--print") as running:
            assert running.stdout
            address = running.stdout.readline().strip()
            with httpx.Client(follow_redirects=True) as browser:
                page = browser.get(address)
                while page.url.port != CALLBACK:  # a form to sign in; some issuers ask for consent
                    form = {field: unescape(text) for field, text in FIELD.findall(page.text)}
                    form |= {"username": name, "login": name, "password": PASSWORD}
                    (action,) = ACTION.findall(page.text)
                    page = browser.post(page.url.join(action), data=form)
            out, err = running.communicate(timeout=60)
        assert (running.returncode, page.status_code) == (0, 200), out + err
        return out


@pytest.fixture(scope="module")
def machine(deployed_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    with ExitStack() as closing:
        cloud = closing.enter_context(
            running_cloud(
                folder / ".tintype", (*UP, "--access", "cognito"), deployed=deployed_state
            )
        )
        (folder / "beach.jpg").write_bytes(picture(320, 200))
        yield Machine(folder, cloud, Operator(cloud, closing))


def test_person_signs_in_uploads_and_sees_the_own_image_until_signing_out(machine: Machine) -> None:
    assert "not_signed_in" in machine.says("list", fails=True)
    machine.invites(EMAIL)

    assert EMAIL in machine.signs_in(EMAIL)
    uploaded = machine.document("upload", "beach.jpg")
    examined = machine.document("doctor")
    me = machine.document("whoami")

    (image,) = machine.document("list")["images"]
    assert [one["imageId"] for one in uploaded["uploads"]] == [image["id"]]
    assert image["owner"] == me["owner"]
    (person,) = machine.document("users", "list")["users"]
    assert (person["email"], person["owner"]) == (EMAIL, me["owner"])
    assert {one["outcome"] for one in examined["steps"]} == {"passed"}, examined

    machine.says("logout")
    assert "not_signed_in" in machine.says("list", fails=True)


def test_program_works_with_a_key_of_its_owner_until_that_is_revoked(machine: Machine) -> None:
    made = machine.document("keys", "add", "shop", "--scope=read", "--scope=upload", "--owner=shop")
    key = made["key"]

    code = (
        "from tintype.client import Client\n"
        f"with Client({machine.cloud.outputs['CdnUrl']!r}) as client:\n"
        "    image = client.wait(client.upload('beach.jpg').id, seconds=60)\n"
        "    print([one.id for one in client.images()] == [image.id])\n"
    )
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", code],
        cwd=machine.folder,
        env=machine.environment(key),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    (image,) = machine.document("list", key=key)["images"]
    (listed,) = machine.document("keys", "list", "--owner", "shop")["keys"]

    assert done.stdout == "True\n", done.stderr
    assert image["owner"] == "shop"
    assert listed["id"] == made["id"]
    assert listed["lastUsedAt"]
    assert "not_allowed" in machine.says("delete", image["id"], "--yes", fails=True, key=key)

    machine.says("keys", "revoke", made["id"], "--yes")
    assert "invalid_api_key" in machine.says("list", fails=True, key=key)


def test_operator_s_doctor_makes_itself_a_key_and_leaves_none(machine: Machine) -> None:
    before = machine.document("keys", "list")["keys"]

    examined = machine.document("doctor")

    outcomes = {one["step"]: one["outcome"] for one in examined["steps"]}
    assert {step for step, outcome in outcomes.items() if outcome == "skipped"} == LIVE
    assert set(outcomes.values()) == {"passed", "skipped"}, examined
    assert examined["healthy"], examined
    assert machine.document("keys", "list")["keys"] == before
    assert examined["left"] is None


def test_person_who_leaves_takes_the_keys_along(machine: Machine) -> None:
    email = "bob@example.com"
    machine.invites(email)
    (owner,) = [
        one["owner"] for one in machine.document("users", "list")["users"] if one["email"] == email
    ]
    made = machine.document("keys", "add", "script", "--scope=read", f"--owner={owner}")
    key = made["key"]
    assert machine.document("list", key=key)["images"] == []

    machine.says("users", "remove", email, "--yes")

    assert "invalid_api_key" in machine.says("list", fails=True, key=key)


def test_person_signs_in_at_an_issuer_that_nobody_here_wrote(
    deployed_state: Path, tmp_path: Path
) -> None:
    port = free_port()
    with ExitStack() as closing:
        client = closing.enter_context(httpx.Client())
        provider = Provider(free_port(), ["eve"], client)
        closing.enter_context(provider.running(f"http://localhost:{port}"))
        command = (*UP, "--access", "oidc", "--config", str(settings_for(provider, tmp_path)))
        state = tmp_path / ".tintype"
        cloud = closing.enter_context(
            running_cloud(state, command, deployed=deployed_state, front_door=port)
        )
        machine = Machine(tmp_path, cloud)
        (tmp_path / "beach.jpg").write_bytes(picture(320, 200))

        assert "zoe · may: read" in machine.signs_in("zoe")
        machine.says("upload", "beach.jpg")
        examined = machine.document("doctor")

        (image,) = machine.document("list")["images"]
        assert image["owner"] == machine.document("whoami")["owner"] == "zoe"
        assert {one["outcome"] for one in examined["steps"]} == {"passed"}, examined
        assert "no_user_pool" in machine.says("users", "list", fails=True)

        assert "eve · may: admin" in machine.signs_in("eve")
        assert machine.document("list")["images"] == []
        assert machine.document("list", "--owner", "zoe")["images"] == [image]
        machine.says("logout")
        assert "not_signed_in" in machine.says("list", fails=True)
