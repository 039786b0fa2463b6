"""What addresses of any size mean: one canonical form for all spellings, and errors that say what is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings

from tests.delivery_grammar import CANONICAL, WRONG
from tests.delivery_spellings import Spelled, spelled
from tintype import delivery, keys
from tintype.delivery.grammar import (
    FITS,
    FORMATS,
    GRAVITIES,
    AddressError,
    BoxFit,
    Extension,
    Rect,
    Variant,
    parse,
    read_filename,
    read_name,
)

ID = "01M7XPE600ABCDEFGHJKMNPQRS"


@pytest.mark.parametrize(("query", "canonical", "name"), CANONICAL)
def test_query_has_this_canonical_form_and_file(query: str, canonical: str, name: str) -> None:
    variant = parse(query)

    assert variant.query() == canonical
    assert variant.name() == name


@pytest.mark.parametrize(("query", "canonical", "name"), CANONICAL)
def test_canonical_form_and_name_mean_the_same_as_what_they_are_of(
    query: str, canonical: str, name: str
) -> None:
    variant = parse(query)

    assert parse(canonical) == variant
    for extension in (f.value for f in Extension):
        file = read_filename(f"{name}.{extension}")
        assert file.variant.name() == name
        assert file.extension == extension
    if variant.format is None:
        assert read_name(name) == variant


@pytest.mark.parametrize(("query", "parameter"), WRONG)
def test_wrong_query_is_told_by_the_parameter(query: str, parameter: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse(query)

    assert caught.value.parameter == parameter
    assert str(caught.value).startswith(f"{parameter}: ")


def test_every_fit_gravity_and_format_is_among_the_cases() -> None:
    said = Counter(part for query, _, _ in CANONICAL for part in query.split("&"))

    assert {word for word in FITS if not said[f"fit={word}"]} == set()
    assert {word for word in FORMATS if not said[f"fm={word}"]} == set()
    assert set(BoxFit) == set(FITS.values())
    assert {parse(f"w=9&h=9&fit=crop&gravity={word}").gravity for word in GRAVITIES} == set(
        GRAVITIES
    )


def test_fields_are_what_the_address_says() -> None:
    variant = parse("w=13&h=12&fit=scale&q=70&fm=jpeg&bg=0f0&blur=1.5&sat=-30&rotate=90&flip=hv")

    assert variant == Variant(
        width=13,
        height=12,
        fit=BoxFit.SCALE,
        quality=70,
        format="jpg",
        background="00ff00",
        blur=1.5,
        saturation=-30,
        rotate=90,
        flip="hv",
    )
    assert parse("rect=1,2,3,4").rect == Rect(left=1, top=2, width=3, height=4)


def test_expiry_and_signature_are_not_part_of_what_is_asked_for() -> None:
    assert parse("w=9&e=7&s=abc&e=8") == parse("w=9")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "w_0640",
        "h_9,w_9",
        "w_9,w_9",
        "w_9,",
        "fm_webp",
        "full,w_9",
        "fit_inside",
        "w_8193",
        "dpr_2,w_9",
        "w_9,fit_crop",
        "preset_thumb,w_9",
        "preset_thumb,fm_webp",
        "preset_",
        "rect_1,2,3,4",
        "e_7",
        "W_9",
        "x",
        "manifest",
    ],
)
def test_no_other_name_is_taken_for_a_file_s(name: str) -> None:
    with pytest.raises(AddressError):
        read_name(name)


@pytest.mark.parametrize(
    "filename", ["w_640", "w_640.", "w_640.jpeg", "w_640.tiff", "w_640.auto-gif", ".webp"]
)
def test_no_other_ending_is_taken_for_a_file_s(filename: str) -> None:
    with pytest.raises(AddressError):
        read_filename(filename)


@settings(max_examples=1_000)
@given(spelled())
def test_spellings_of_a_variant_have_one_canonical_form_and_one_file(spelling: Spelled) -> None:
    variant = parse(spelling.query)

    assert variant.query() == spelling.canonical
    assert parse(variant.query()) == variant
    assert read_name(variant.name()).name() == variant.name()


def test_key_of_a_file_is_below_its_image_s_folder_and_longest_names_fit() -> None:
    longest = max((name for _, _, name in CANONICAL), key=len)

    public = keys.delivered_key(ID, f"{longest}.auto-avif")
    private = keys.delivered_key(ID, f"{longest}.auto-avif", "auth0|ann")

    assert public.startswith(keys.image_folder(ID))
    assert private.startswith(keys.private_folder(ID, "auth0|ann"))
    assert len(private) < keys.MAX_KEY_BYTES


def test_signature_holds_for_the_canonical_form_and_the_expiry() -> None:
    path = f"/i/{ID}"

    address = delivery.signed_variant(path, parse("h=90&w=40&dpr=2&fit=min"), "key", 7200)
    bare = delivery.signed_variant(path, Variant(), "key")

    wanted = f"{path}?w=80&h=180&fit=cover&e=7200"
    assert address == f"{wanted}&s={delivery.mac('key', wanted)}"
    assert bare == f"{path}?s={delivery.mac('key', f'{path}?')}"


def test_grammar_loads_neither_the_engine_nor_a_decoder_of_messages() -> None:
    program = (
        "import tintype.delivery.grammar, sys;"
        "print([name for name in ('tintype.imaging', 'msgspec', 'pydantic') if name in sys.modules])"
    )

    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603 - ourselves

    assert output.stdout.decode().strip() == "[]"
