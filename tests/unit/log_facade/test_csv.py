"""The log as rows for a spreadsheet."""

import csv
import re

import pytest

from clientela.log_facade.app import LogFacade
from clientela.web.lists import _csv


@pytest.fixture
async def http(path, client_of):
    app = LogFacade([path]).app
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


async def test_rows_on_request(http, path, fill, make_record, noon_us):
    fill(
        path,
        [
            make_record(noon_us, parts_ns={"db": 12_000, "up": 3_000}, lag_ms=0, error="Odd,Name"),
            make_record(noon_us + 1, route="=HYPERLINK(1)", facade='a "b"'),
        ],
    )
    answer = await http.get("/logs?order=asc", headers={"accept": "text/csv"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    header, first, second, end = answer.text.split("\r\n")
    assert header == (
        "id,time,facade,method,route,status,latency_us,parts,bytes,trace_id,lag_ms,outbox,error"
    )
    trace = "000102030405060708090a0b0c0d0e0f"
    assert first.partition(",")[2] == (
        "2026-11-23T12:00:00.000000Z,matriz,GET,/client,200,100,"
        f'"{{""db"":12,""up"":3}}",270,{trace},0,,"Odd,Name"'
    )
    assert second.partition(",")[2] == (
        f'2026-11-23T12:00:00.000001Z,"a ""b""",GET,\'=HYPERLINK(1),200,100,{{}},270,{trace},,,'
    )
    assert end == ""


async def test_rows_are_paged_and_streamed_as_the_rest(http, path, fill, make_record, noon_us):
    fill(path, [make_record(noon_us + i) for i in range(1_203)])
    csv_please = {"accept": "text/csv"}
    page = await http.get("/logs?limit=400", headers=csv_please)
    rest = await http.get(page.links["next"]["url"].replace("limit=400&", ""), headers=csv_please)
    entries = (await http.get("/logs")).json()
    rows = [*csv.DictReader(page.text.splitlines()), *csv.DictReader(rest.text.splitlines())]

    assert [row["id"] for row in rows] == [entry["id"] for entry in entries]
    assert len(page.text.splitlines()) == 401


async def test_no_logs_are_a_header_alone(http):
    answer = await http.get("/logs", headers={"accept": "text/csv"})

    assert answer.text.startswith("id,time,")
    assert len(answer.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "application/json"),
        ("image/png", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.9, application/x-ndjson", "application/x-ndjson"),
    ],
)
async def test_an_answer_is_in_the_form_that_was_asked_for(http, accept, given):
    answer = await http.get("/logs", headers={"accept": accept})

    assert answer.headers["content-type"].partition(";")[0] == given
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_is_never_a_formula(first):
    ((cell,),) = csv.reader([_csv([[f"{first}1"]]).decode()], strict=True)

    assert cell == f"'{first}1"


@pytest.mark.parametrize("text", ["=1", "'=1", "''+1", "'", "''", "'a", "a", ""])
def test_one_apostrophe_less_gives_every_text_back(text):
    ((cell,),) = csv.reader([_csv([[text]]).decode()], strict=True)

    assert re.sub(r"^'('*[=+\-@\t\r\n])", r"\1", cell) == text


def test_numbers_stay_numbers_null_is_nothing_and_the_rest_is_json():
    assert _csv([[-1, 1.5, None, True, ["=1"], "/a"]]) == b'-1,1.5,,true,"[""=1""]",/a\r\n'
