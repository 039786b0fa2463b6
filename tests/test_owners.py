"""Owners: what a token's subject becomes, and how an original's key says whose it is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tintype import keys, owners
from tintype.keys import derived_id, image_id, is_ours, owner_in

ID = "01M7XPE600ABCDEFGHJKMNPQRS"
SUBJECTS = st.text(min_size=1, max_size=300)
OWNERS = st.from_regex(owners.PATTERN, fullmatch=True, alphabet=st.characters(max_codepoint=127))


@given(subject=SUBJECTS)
@example(subject="\ud800")
@example(subject="a" * 255)
@example(subject=" alice ")
@example(subject="public")
def test_every_subject_has_an_owner_in_the_range_and_none_is_the_public(subject: str) -> None:
    owner = owners.of_subject(subject)

    assert owners.known(owner) == owner
    assert owner != owners.PUBLIC


@given(one=SUBJECTS, other=SUBJECTS)
@example(one="a/b", other="a%2Fb")
@example(one="public", other="%70ublic")
@example(one="%", other="%25")
@example(one="é" * 100, other=owners.of_subject("é" * 100))
def test_two_subjects_never_have_one_owner(one: str, other: str) -> None:
    assert (owners.of_subject(one) == owners.of_subject(other)) is (one == other)


@pytest.mark.parametrize(
    "subject",
    ["alice", "8f1c2f0a-6b1e-4a55-9d0b-7d1f6f7f6b1e", "auth0|5f7c8ec7", "a@example.com", "1" * 128],
)
def test_what_issuers_commonly_give_stays_as_it_is(subject: str) -> None:
    assert owners.of_subject(subject) == subject


def test_nobody_is_no_subject() -> None:
    with pytest.raises(ValueError, match="empty"):
        owners.of_subject("")


@pytest.mark.parametrize("text", ["", "a b", "a/b", "é", "a\n", "a" * 129, "\x7f"])
def test_what_is_out_of_the_range_is_no_owner(text: str) -> None:
    assert owners.known(text) is None


@given(owner=OWNERS, filename=st.text(min_size=1, max_size=100))
@example(owner="..", filename="../~bob/x.png")
@example(owner="~", filename="~bob")
@example(owner="%7Ebob", filename="%2F~bob%2Fx")
def test_a_key_says_whose_the_original_is_whatever_its_name(owner: str, filename: str) -> None:
    for key in (
        keys.original_key(ID, filename, owner),
        keys.key_with_name(ID, filename, owner),
    ):
        if key is not None:
            assert owner_in(key) == owner
            assert image_id("originals", key) == ID
    told = keys.key_with_name(ID, filename, owner)
    assert told is None or keys.name_in(told) == filename.encode(errors="replace").decode()


@pytest.mark.parametrize(
    "key",
    [
        f"originals/{ID}/~/a.png",
        f"originals/{ID}/alice/a.png",
        f"originals/{ID}/~al%00ice/a.png",
        f"originals/{ID}/~a%2Fb/a.png",
        f"originals/{ID}/~{'a' * 129}/a.png",
        f"originals/{ID}/~alice/~bob/a.png",
        f"{ID}/~alice/a.png",
        f"backfill/originals/{ID}/~alice/a.png",
    ],
)
def test_a_key_that_no_link_is_for_names_no_owner(key: str) -> None:
    assert not is_ours(key)
    assert owner_in(key) is None
    assert image_id("originals", key) == derived_id("originals", key)
