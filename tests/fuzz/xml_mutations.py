"""What may stand in the XML parts of a file, whatever the standard says."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.fuzz.books import Parts

Mutation = Callable[[Parts, Random], None]
ABSURD = [
    "-1",
    "0",
    "-0",
    "1e400",
    "NaN",
    "INF",
    "",
    " ",
    "1.5",
    "0x10",
    "٣",
    "１",
    "abc",
    "true",
    "9" * 5000,
]
ABSURD += ["2147483648", "4294967296", "99999999999999999999", "1048577", "16385", "65536"]
REFERENCES = [
    "XFD1048576",
    "A0",
    "ÂÂ1",
    "A-1",
    "1A",
    "A",
    "1",
    "",
    "AAAAAAAAAA1",
    "A99999999999999999999",
    "a1",
    "$A$1",
]
REFERENCES += ["A1:B2", "XFE1", "A1048577", "Z20001", "IW1", "\u00a0A1", "A1 ", "R1C1", "Sheet!A1", "A٣"]
TYPES = ["s", "e", "b", "d", "n", "str", "inlineStr", "zzz", ""]

_ATTRIBUTE = re.compile(rb'(?<=\s)([\w:]+)="(-?\d[\d.]*|true|false)"')
_PLACE = re.compile(rb'(<c\b[^>]*?\br=")([^"]*)(")')
_CELL = re.compile(
    rb"<(?:c|table:table-cell|w:tc)\b[^>]*?(?:/>|>.*?</(?:c|table:table-cell|w:tc)>)", re.DOTALL
)
_ROW = re.compile(
    rb"<(?:row|table:table-row|w:tr)\b[^>]*?(?:/>|>.*?</(?:row|table:table-row|w:tr)>)", re.DOTALL
)
_ELEMENT = re.compile(rb"<([\w:]+)\b[^>]*?(?:/>|>[^<]*</\1>)")
_VALUE = re.compile(rb"(<v>)([^<]*)(</v>)")
_TEXT = re.compile(rb">([^<>]+)<")
_NUMBER = re.compile(rb'(office:value=")([^"]*)(")')


def _tables(parts: Parts) -> list[str]:
    """Names of the parts that hold cells; of all parts, where those are gone."""
    names = [name for name in parts if name.startswith("xl/worksheets/sheet")]
    named = names or [name for name in ("content.xml", "word/document.xml") if name in parts]
    return named or sorted(parts)


def _any(parts: Parts, rng: Random) -> str:
    """A part: mostly one with cells."""
    tables = _tables(parts)
    return rng.choice(tables) if tables and rng.random() < 0.7 else rng.choice(sorted(parts))


def _one(part: bytes, pattern: re.Pattern[bytes], rng: Random) -> re.Match[bytes] | None:
    found = list(pattern.finditer(part))
    return rng.choice(found) if found else None


def _replace(part: bytes, match: re.Match[bytes] | None, text: bytes, group: int = 0) -> bytes:
    return part if match is None else part[: match.start(group)] + text + part[match.end(group) :]


def absurd_number(parts: Parts, rng: Random) -> None:
    """An attribute that holds a number holds something else."""
    name = _any(parts, rng)
    for _ in range(rng.randint(1, 3)):
        match = _one(parts[name], _ATTRIBUTE, rng)
        parts[name] = _replace(parts[name], match, rng.choice(ABSURD).encode(), 2)


def wrong_reference(parts: Parts, rng: Random) -> None:
    name = rng.choice(_tables(parts))
    match = _one(parts[name], _PLACE, rng) or _one(parts[name], _ATTRIBUTE, rng)
    parts[name] = _replace(parts[name], match, rng.choice(REFERENCES).encode(), 2)


def wrong_type(parts: Parts, rng: Random) -> None:
    """Cells that say they are of another type: shared strings, errors, booleans, dates."""
    name, kind = rng.choice(_tables(parts)), rng.choice(TYPES).encode()
    typed, untyped = re.compile(rb'(?<= )(?:office:value-type|t)="\w+"'), re.compile(rb"<c (?!.{0,30}t=)")
    for _ in range(rng.randint(1, 3)):
        match = _one(parts[name], rng.choice([typed, typed, untyped]), rng)
        if match is not None and match[0] == b"<c ":
            parts[name] = _replace(parts[name], match, b'<c t="' + kind + b'" ')
        elif match is not None:
            parts[name] = _replace(parts[name], match, match[0].partition(b"=")[0] + b'="' + kind + b'"')


def wrong_value(parts: Parts, rng: Random) -> None:
    name = rng.choice(_tables(parts))
    for _ in range(rng.randint(1, 4)):
        match = _one(parts[name], _VALUE, rng) or _one(parts[name], _NUMBER, rng)
        value = rng.choice(
            [*ABSURD, "1e308", "-1e308", "5e-324", "1e15", "45000.99999", "<b/>", "1" * 400, "#REF!"]
        )
        parts[name] = _replace(parts[name], match, value.encode(), 2)


def wrong_text(parts: Parts, rng: Random) -> None:
    name = _any(parts, rng)
    text = rng.choice(
        [
            "&#0;",
            "&#x1F;",
            "&#xD800;",
            "&unknown;",
            "&amp;amp;",
            "_x0000_",
            "_xD800_",
            "\u202e",
            "<![CDATA[x]]>",
        ]
    )
    text = rng.choice([text, "&#65535;", "\ufeff", "&lt;b&gt;", "x" * 40_000, "Ệ" * 33_000])
    parts[name] = _replace(parts[name], _one(parts[name], _TEXT, rng), text.encode(), 1)


def drop_an_element(parts: Parts, rng: Random) -> None:
    name = _any(parts, rng)
    pattern = rng.choice([_ELEMENT, _CELL, _ROW])
    parts[name] = _replace(parts[name], _one(parts[name], pattern, rng), b"")


def repeat_an_element(parts: Parts, rng: Random) -> None:
    name = _any(parts, rng)
    match = _one(parts[name], rng.choice([_ELEMENT, _CELL, _ROW]), rng)
    if match is not None:
        parts[name] = _replace(parts[name], match, match[0] * rng.choice([2, 2, 3, 40, 300]))


def swap_elements(parts: Parts, rng: Random) -> None:
    name, pattern = _any(parts, rng), rng.choice([_ELEMENT, _CELL, _ROW])
    found = list(pattern.finditer(parts[name]))
    if len(found) < 2:
        return
    first, second = sorted(rng.sample(found, 2), key=lambda match: match.start())
    part = parts[name]
    between = part[first.end() : second.start()]
    parts[name] = part[: first.start()] + second[0] + between + first[0] + part[second.end() :]


def drop_attributes(parts: Parts, rng: Random) -> None:
    name = _any(parts, rng)
    word = rng.choice(
        [rb' r="[^"]*"', rb' s="\d+"', rb' t="\w+"', rb' xml:space="preserve"', rb' [\w:]+="[^"]*"']
    )
    if rng.random() < 0.5:
        parts[name] = re.sub(word, b"", parts[name])
    else:
        parts[name] = _replace(parts[name], _one(parts[name], re.compile(word), rng), b"")


def deep_nesting(parts: Parts, rng: Random) -> None:
    name, depth = _any(parts, rng), rng.choice([50, 1000, 12_000])
    tag = rng.choice([b"a", b"is", b"row", b"w:tbl", b"table:table", b"text:span"])
    inside = b"<" + tag + b">"
    match = _one(parts[name], rng.choice([_ELEMENT, _CELL, _ROW]), rng)
    if match is not None:
        parts[name] = _replace(parts[name], match, inside * depth + inside.replace(b"<", b"</") * depth)


def huge_repeat(parts: Parts, rng: Random) -> None:
    """Rows or cells many times over, as rows of their own or under one number."""
    name = rng.choice(_tables(parts))
    match = _one(parts[name], rng.choice([_ROW, _CELL]), rng)
    if match is None:
        return
    text = match[0] if rng.random() < 0.5 else re.sub(rb' r="[^"]*"', b"", match[0])
    parts[name] = _replace(parts[name], match, text * min(3000, 200_000 // len(text) + 1))


def repeat_count(parts: Parts, rng: Random) -> None:
    """OpenDocument's way to say that a row or a cell is there many times; spans of Word."""
    name, number = rng.choice(_tables(parts)), rng.choice([*ABSURD, "2", "300", "20000", "1048576"])
    tag, word = rng.choice(
        [
            (rb"<table:table-row\b", "table:number-rows-repeated"),
            (rb"<table:table-cell\b", "table:number-columns-repeated"),
            (rb"<table:table-cell\b", "table:number-columns-spanned"),
            (rb"<row\b", "spans"),
            (rb"<w:tc>", "w:gridSpan"),
        ]
    )
    match = _one(parts[name], re.compile(tag), rng)
    if match is None:
        return
    if tag == rb"<w:tc>":
        more = f'<w:tc><w:tcPr><w:gridSpan w:val="{number}"/></w:tcPr>'.encode()
        parts[name] = _replace(parts[name], match, more)
    else:
        parts[name] = _replace(parts[name], match, match[0] + f' {word}="{number}"'.encode())


def lie_about_the_dimension(parts: Parts, rng: Random) -> None:
    name = rng.choice(_tables(parts))
    far = rng.choice(["A1:XFD1048576", "A1", "B2:A1", "", "A1:A1", "Z9:Z9", "A0:B0", "XFD1048576"])
    lie = f'<dimension ref="{far}"/>'.encode()
    parts[name] = re.sub(rb"<dimension[^>]*/>", lambda _: lie, parts[name], count=1)


def shared_strings(parts: Parts, rng: Random) -> None:
    """A table of strings that is missing, short, long, or one huge string."""
    name = "xl/sharedStrings.xml"
    if name not in parts:
        return wrong_text(parts, rng)
    table = parts[name]
    kind = rng.randrange(6)
    if kind == 0:
        del parts[name]
    elif kind == 1:
        parts[name] = re.sub(rb'ount="\d+"', b'ount="4294967295"', table)
    elif kind == 2:
        items = re.findall(rb"<si>.*?</si>", table, re.DOTALL)
        parts[name] = table.replace(b"".join(items), b"".join(items[: len(items) // 2]))
    elif kind == 3:
        parts[name] = table.replace(b"</sst>", b"<si><t>" + b"x" * 300_000 + b"</t></si></sst>")
    elif kind == 4:
        parts[name] = table.replace(
            b"</sst>", b"<si><r><t>a</t></r><rPh><t>b</t></rPh></si>" * 4000 + b"</sst>"
        )
    else:
        sheet = rng.choice(_tables(parts))
        beyond = rng.choice([b"99999", b"-1", b"4294967296", b"1.5", b""])
        found = list(re.finditer(rb't="s"><v>(\d+)</v>', parts[sheet]))
        for match in rng.sample(found, min(3, len(found)))[:1]:
            parts[sheet] = _replace(parts[sheet], match, beyond, 1)
    return None


def document_type(parts: Parts, rng: Random) -> None:
    name = _any(parts, rng)
    inside = rng.choice(
        [
            b'<!DOCTYPE x [<!ENTITY a "aaaa">]>',
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
            b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
            b"<!doctype html>",
            b"<!-- <!DOCTYPE x> -->",
            b"<?xml-stylesheet href='x'?>",
            b"<! DOCTYPE x>",
        ]
    )
    end = parts[name].find(b"?>") + 2 if parts[name].startswith(b"<?xml") else 0
    parts[name] = parts[name][:end] + inside + parts[name][end:]


def other_encoding(parts: Parts, rng: Random) -> None:
    """A part in another encoding, said or not said."""
    name = _any(parts, rng)
    text = parts[name].decode("utf-8", "replace")
    encoding, mark = rng.choice(
        [
            ("utf-16", b""),
            ("utf-16-le", b""),
            ("utf-16-be", b"\xfe\xff"),
            ("utf-32", b""),
            ("utf-8", b"\xef\xbb\xbf\xef\xbb\xbf"),
            ("utf-8", b"\xef\xbb\xbf"),
            ("cp1258", b""),
            ("latin-1", b""),
            ("utf-7", b""),
            ("cp037", b""),
        ]
    )
    if rng.random() < 0.5:
        text = re.sub(r'encoding="[^"]*"', f'encoding="{encoding}"', text, count=1)
    parts[name] = mark + text.encode(encoding, "replace")


def merged_ranges(parts: Parts, rng: Random) -> None:
    name = rng.choice(_tables(parts))
    ranges = rng.choice(
        [
            ["D5:A1"],
            ["A1:XFD1048576"],
            ["A1:A1"],
            [""],
            ["A1"],
            ["ZZZZZZ1:A9"],
            ["A5:N5", "B5:C6", "A1:N9"],
            [f"A{row}:C{row + 40}" for row in range(1, 400)],
            [f"{a}1:{b}20" for a in "ABCDE" for b in "FGHIJ"],
            ["A0:B-1", "A1:B4294967296"],
        ]
    )
    cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in ranges)
    text = f"</sheetData><mergeCells>{cells}</mergeCells>".encode()
    parts[name] = parts[name].replace(b"</sheetData>", text, 1)


def defined_names(parts: Parts, rng: Random) -> None:
    if "xl/workbook.xml" not in parts:
        return absurd_number(parts, rng)
    name = rng.choice(["_xlnm.Print_Area", "x" * 5000, "", "Auto_Open", "_xlnm.Database"])
    target = rng.choice(["#REF!", "Sheet99!$A$1", "'", "1+1", "[1]x!A1", "cmd|' /c calc'!A0"])
    text = f'<definedName name="{name}" localSheetId="{rng.choice(ABSURD[:12])}">{target}</definedName>'
    text = f"<definedNames>{text * rng.choice([1, 300])}</definedNames>"
    part = re.sub(rb"<definedNames>.*</definedNames>", b"", parts["xl/workbook.xml"], flags=re.DOTALL)
    parts["xl/workbook.xml"] = part.replace(b"</workbook>", text.encode() + b"</workbook>")
    return None


def styles(parts: Parts, rng: Random) -> None:
    """Formats that are not there, or say something odd."""
    if "xl/styles.xml" not in parts:
        return drop_attributes(parts, rng)
    kind = rng.randrange(5)
    if kind == 0:
        del parts["xl/styles.xml"]
    elif kind == 1:
        code = rng.choice(
            ["[" * 3000, '"' * 3001, "%" * 500, "[$-42A]dd/mm", "\\", "@", "&quot;", "General;[Red]-0%"]
        )
        part = re.sub(
            rb'formatCode="[^"]*"',
            b'formatCode="' + code.replace('"', "&quot;").encode() + b'"',
            parts["xl/styles.xml"],
        )
        parts["xl/styles.xml"] = part
    elif kind == 2:
        part = re.sub(
            rb'numFmtId="\d+"', lambda _: f'numFmtId="{rng.choice(ABSURD)}"'.encode(), parts["xl/styles.xml"]
        )
        parts["xl/styles.xml"] = part
    elif kind == 3:
        parts["xl/styles.xml"] = re.sub(
            rb"<cellXfs.*</cellXfs>", b"<cellXfs/>", parts["xl/styles.xml"], flags=re.DOTALL
        )
    else:
        name = rng.choice(_tables(parts))
        bad = rng.choice([b"999999", b"-1", b"abc", b""])
        parts[name] = re.sub(rb' s="\d+"', b' s="' + bad + b'"', parts[name])
    return None


def formulas(parts: Parts, rng: Random) -> None:
    name = rng.choice(_tables(parts))
    formula = rng.choice(
        ["SUM(A1:A9)", "1/0", "WEBSERVICE(&quot;http://127.0.0.1:9&quot;)", "A" * 9000, "", "#REF!"]
    )
    kind = rng.choice(
        ["", ' t="shared" si="0"', ' t="shared" ref="A1:Z99" si="0"', ' t="array" ref="A1:XFD1048576"']
    )
    match = _one(parts[name], _VALUE, rng)
    value = rng.choice([b"", b"<v/>", match[0] if match else b""])
    parts[name] = _replace(parts[name], match, f"<f{kind}>{formula}</f>".encode() + value)


def list_of_sheets(parts: Parts, rng: Random) -> None:
    """Sheets that are listed twice, under one name, without a part, outside the file, hidden or too many."""
    book, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if book not in parts:
        return repeat_an_element(parts, rng)
    kind = rng.randrange(8)
    if kind == 0:
        same = '<sheet name="Nhiệm vụ"'.encode()
        parts[book] = re.sub(rb'<sheet name="[^"]*"', same, parts[book])
    elif kind == 1:
        found = re.findall(rb"<sheet [^>]*/>", parts[book])
        parts[book] = parts[book].replace(found[-1], found[-1] * rng.choice([2, 30, 300]))
    elif kind == 2:
        parts[relations] = re.sub(
            rb'Target="[^"]*sheet\d[^"]*"', b'Target="worksheets/none.xml"', parts[relations], count=1
        )
    elif kind == 3:
        bad = rng.choice(
            [b"../../../etc/passwd", b"file:///etc/passwd", b"/xl/styles.xml", b"http://127.0.0.1:9/", b""]
        )
        parts[relations] = re.sub(
            rb'Target="[^"]*sheet\d[^"]*"', b'Target="' + bad + b'"', parts[relations], count=1
        )
    elif kind == 4:
        state = rng.choice([b"hidden", b"veryHidden", b"odd"])
        parts[book] = parts[book].replace(b"<sheet ", b'<sheet state="' + state + b'" ', rng.choice([1, 99]))
    elif kind == 5:
        parts[book] = re.sub(rb'(<sheet [^>]*?)r:id="rId\d+"', rb'\1r:id="rId1"', parts[book])
    elif kind == 6:
        parts[book] = re.sub(
            rb'<sheet name="[^"]*"',
            b'<sheet name="' + rng.choice([b"", b"x" * 4000, b"&#10;"]) + b'"',
            parts[book],
            count=1,
        )
    else:
        parts[book] = re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", parts[book], flags=re.DOTALL)
    return None


def parts_themselves(parts: Parts, rng: Random) -> None:
    """A part that is missing, empty, cut short, another's, or called otherwise."""
    name, kind = _any(parts, rng), rng.randrange(8)
    if kind == 0:
        del parts[name]
    elif kind == 1:
        parts[name] = b""
    elif kind == 2:
        parts[name] = parts[name][: rng.randrange(len(parts[name]) or 1)]
    elif kind == 3:
        other = _any(parts, rng)
        parts[name], parts[other] = parts[other], parts[name]
    elif kind == 4:
        odd = rng.choice(
            [name.upper(), f"/{name}", f"x/../{name}", name.replace("/", "\\"), f"{name}.bin", "a\u202e.xml"]
        )
        parts[odd] = parts.pop(name)
    elif kind == 5:
        parts[name] += rng.choice([b"<x/>", b"\x00", b"text", parts[name]])
    elif kind == 6:
        extra = rng.choice(
            [
                "xl/vbaProject.bin",
                "xl/macrosheets/sheet1.xml",
                "Basic/x.xml",
                "xl/externalLinks/e.xml",
                "x" * 300,
            ]
        )
        parts[extra] = rng.choice([b"<x/>", b"", b"\x00" * 9000])
    else:
        parts[name] = rng.randbytes(rng.choice([1, 100, 5000]))


def namespaces(parts: Parts, rng: Random) -> None:
    """The same in other words: prefixes, other or no namespaces, comments between."""
    name, kind = _any(parts, rng), rng.randrange(5)
    part = parts[name]
    if kind == 0:
        part = re.sub(rb"<(/?)(?![?!/])([\w]+)(?=[\s>/])", rb"<\1x:\2", part).replace(
            b" xmlns=", b" xmlns:x="
        )
    elif kind == 1:
        part = re.sub(rb' xmlns="[^"]*"', b"", part)
    elif kind == 2:
        part = part.replace(b"/main", b"/other")
    elif kind == 3:
        part = part.replace(b"><", b"><!-- x --><")
    else:
        part = part.replace(b"><", b">\n  <")
    parts[name] = part


def hidden(parts: Parts, rng: Random) -> None:
    name = rng.choice(_tables(parts))
    value = rng.choice([b"1", b"true", b"0", b"yes", b""])
    parts[name] = parts[name].replace(b"<row ", b'<row hidden="' + value + b'" ', rng.choice([1, 3, 999]))


XML_MUTATIONS: list[Mutation] = [
    absurd_number,
    wrong_reference,
    wrong_type,
    wrong_value,
    wrong_text,
    drop_an_element,
    repeat_an_element,
    swap_elements,
    drop_attributes,
    deep_nesting,
    huge_repeat,
    repeat_count,
    lie_about_the_dimension,
    shared_strings,
    document_type,
    other_encoding,
    merged_ranges,
    defined_names,
    styles,
    formulas,
    list_of_sheets,
    parts_themselves,
    namespaces,
    hidden,
]
