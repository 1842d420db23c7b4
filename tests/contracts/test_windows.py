"""What a page that scrolls through a list of any length asks of a facade."""

import pytest

NAMES = ["Zilda", "Álvaro", "Beto", "ana"]


@pytest.fixture(scope="module")
def people(pair):
    """Give the clients' ids in the order of their creation; all share a word of their e-mails."""
    facade = pair["facade"]
    return [
        facade.insert(name=name, email=f"janela{n}@example.com") for n, name in enumerate(NAMES)
    ]


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [client["id"] for client in answer.json()]


@pytest.mark.usefixtures("people")
def test_a_window_tells_how_many_there_are_and_where_the_next_begins(facade):
    answer = facade.get("/client?skip=1&limit=2&sort=id")

    everyone = ids(facade.get("/client"))
    assert ids(answer) == everyone[1:3]
    assert answer.headers["clientela-count"] == str(len(everyone))
    assert answer.headers["clientela-version"] == facade.tail()
    following = facade.get(answer.links["next"]["url"])
    assert ids(following) == everyone[3:5]


def test_clients_can_be_had_in_the_order_of_their_names_without_regard_to_case_and_accents(
    facade, people
):
    answer = facade.get("/client?q=janela&sort=name&limit=10")

    zilda, alvaro, beto, ana = people
    assert ids(answer) == [alvaro, ana, beto, zilda]
    assert answer.headers["clientela-count"] == "4"
    assert ids(facade.get("/client?q=janela&sort=name&order=desc")) == [zilda, beto, ana, alvaro]


@pytest.mark.usefixtures("people")
def test_the_last_window_names_no_next(facade):
    answer = facade.get("/client?q=janela&skip=2&limit=2&sort=name")

    assert len(ids(answer)) == 2
    assert "next" not in answer.links


@pytest.mark.usefixtures("people")
def test_a_list_without_a_limit_is_streamed_whole_in_its_order(facade):
    everyone = ids(facade.get("/client?sort=id&order=desc"))

    assert everyone == ids(facade.get("/client"))[::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [("sort=phone", "sort"), ("skip=-1", "skip"), ("skip=1e3", "skip"), ("sync=lost", "sync")],
)
def test_a_wrong_parameter_is_named(facade, problem, query, field):
    answer = facade.get(f"/client?{query}")

    assert problem(answer) == (400, "bad-parameter")
    assert answer.json()["errors"][0]["field"] == field
