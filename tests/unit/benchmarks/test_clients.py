"""The seeded clients of the benchmarks."""

import json

from clientela.clients.ids import check_new_id
from clientela.clients.model import normalise
from load.clients import FIELDS, clients, documents_of, newcomers, without


def test_the_same_seed_gives_the_same_clients_with_the_same_ids():
    assert clients(50, seed=4) == clients(50, seed=4)
    assert clients(50, seed=4) != clients(50, seed=5)
    assert clients(80)[:50] == clients(50)


def test_clients_are_valid_in_the_order_of_their_ids_and_no_two_share_a_document():
    made = clients(3_000)

    ids = [check_new_id(client["id"]) for client in made]
    assert ids == sorted(set(ids))
    assert len(documents_of(made)) == 3_000
    for client in made[:300]:
        fields = {field: client[field] for field in FIELDS}
        assert normalise(fields, partial=False) == (fields, [])


def test_newcomers_have_every_field_and_nothing_of_the_others():
    held, new = clients(2_000), newcomers(2_000)

    assert all(all(client.values()) for client in new)
    assert not {client["id"] for client in held} & {client["id"] for client in new}
    left = without([*new, held[3]], documents_of(held))
    assert not documents_of(held) & documents_of(left)
    assert len(left) >= 1_990


def test_a_client_has_the_size_that_is_told():
    sizes = [len(json.dumps(client, ensure_ascii=False).encode()) for client in clients(500)]

    assert 170 < sum(sizes) / len(sizes) < 270
