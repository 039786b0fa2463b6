"""The names of the stack's outputs stand in one table, and what cannot import it has no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tintype.outputs import Output
from tintype.site.publishing import OUTPUT_OF

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "src/tintype/outputs.py"
READERS = ("src", "docs", "benchmarks", "examples")
# Words that AWS uses for other things, too: looked for only where outputs are read.
AMBIGUOUS = frozenset({Output.ACCESS, Output.REGION, Output.VERSION, Output.VISIBILITY})
# Parameters and conditions with the name of the output that says how they are set, and AWS's word.
SETTINGS = {
    ("src/tintype/aws/users.py", "UserPoolId"),  # a parameter of Cognito's
    ("src/tintype/deployment/changes.py", "UserPoolId"),  # a property of a resource
    ("src/tintype/local/cloud.py", "OriginalsReadable"),
    ("src/tintype/releases.py", "AccessMode"),
    ("src/tintype/releases.py", "Anyone"),
    ("src/tintype_infra/construct.py", "OriginalsReadable"),
    ("src/tintype_infra/graphql.py", "UserPoolId"),
}
WORDS = re.compile(r"\w+")


def docstrings(tree: ast.Module) -> set[ast.AST]:
    """Return the constants that are docstrings: they may say what they are about."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def reads_outputs(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the key where outputs are read: `outputs[key]`, `outputs.get(key)`, `output(key)`."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="outputs") | ast.Name(id="outputs"), slice=key):
            yield key
        case ast.Call(
            func=ast.Attribute(
                value=ast.Attribute(attr="outputs") | ast.Name(id="outputs"), attr="get"
            )
            | ast.Attribute(attr="output"),
            args=[key, *_],
        ):
            yield key


def written_names(source: str) -> set[str]:
    """Return what a module writes of outputs' names by itself: names, and keys that it puts together."""
    tree = ast.parse(source)
    texts = docstrings(tree)
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in texts:
            found |= set(WORDS.findall(node.value)) & (set(Output) - AMBIGUOUS)
        for key in reads_outputs(node):
            is_text = isinstance(key, ast.Constant) and isinstance(key.value, str)
            if is_text or isinstance(key, ast.JoinedStr):
                found.add(ast.unparse(key))
    return {str(name) for name in found}


def test_an_output_s_name_stands_in_the_table_alone() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for folder in READERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != TABLE and "node_modules" not in path.parts
        for name in written_names(path.read_text("utf-8"))
    }

    assert found == SETTINGS


def test_a_name_that_is_written_elsewhere_is_found() -> None:
    assert written_names('url = outputs["ApiUrl"]') == {"ApiUrl", "'ApiUrl'"}
    assert written_names('names = ("SiteBucket", other)') == {"SiteBucket"}
    assert written_names('text = f"see {x} of ImagesTable"') == {"ImagesTable"}
    assert written_names('version = facts.outputs.get("Version")') == {"'Version'"}
    assert written_names('queue = stack.output(f"{name}QueueUrl")') == {"f'{name}QueueUrl'"}
    assert written_names('policy = {"Version": "2012-10-17"}') == set()
    assert written_names("url = outputs[Output.API_URL]") == set()


def flat(facts: Mapping[str, Output | Mapping[str, Output]]) -> dict[str, Output]:
    """Return the facts with those of tables within them."""
    found: dict[str, Output] = {}
    for name, output in facts.items():
        found |= {name: output} if isinstance(output, Output) else dict(output)
    return found


def test_deploy_sh_and_terraform_read_outputs_of_the_table() -> None:
    script = (ROOT / "src/tintype_infra/deploy.sh").read_text("utf-8")
    module = (ROOT / "terraform/main.tf").read_text("utf-8")

    read = re.findall(r"\$\(output (\w+)\)", script) + re.findall(r'outputs\["(\w+)"\]', module)

    assert set(flat(OUTPUT_OF).values()) <= set(read) <= set(Output)


def test_terraform_s_page_says_of_the_stack_what_ours_says() -> None:
    module = (ROOT / "terraform/main.tf").read_text("utf-8")

    said = dict(re.findall(r'(\w+) += aws_cloudformation_stack\.this\.outputs\["(\w+)"\]', module))

    assert said == flat(OUTPUT_OF)
