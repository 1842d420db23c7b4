"""Believable clients: invented people and companies with valid documents."""

import random
from collections.abc import Iterable
from itertools import cycle, islice
from operator import mul

_FIRST = [
    "Ana",
    "Antônia",
    "Beatriz",
    "Benedita",
    "Bruna",
    "Camila",
    "Cecília",
    "Célia",
    "Clara",
    "Conceição",
    "Débora",
    "Eduarda",
    "Elisa",
    "Fátima",
    "Fernanda",
    "Gabriela",
    "Helena",
    "Inês",
    "Isabel",
    "Joana",
    "Júlia",
    "Larissa",
    "Lúcia",
    "Luíza",
    "Márcia",
    "Maria",
    "Mônica",
    "Natália",
    "Patrícia",
    "Raquel",
    "Rosângela",
    "Sônia",
    "Tânia",
    "Vitória",
    "Adão",
    "Alexandre",
    "André",
    "Antônio",
    "Bento",
    "Caetano",
    "Caio",
    "César",
    "Cláudio",
    "Davi",
    "Diego",
    "Eduardo",
    "Fábio",
    "Felipe",
    "Flávio",
    "Gonçalo",
    "Gustavo",
    "Henrique",
    "Inácio",
    "João",
    "Jorge",
    "José",
    "Lázaro",
    "Lucas",
    "Luís",
    "Marcos",
    "Mário",
    "Mateus",
    "Moacir",
    "Otávio",
    "Paulo",
    "Pedro",
    "Rafael",
    "Raimundo",
    "Sebastião",
    "Sérgio",
    "Tomás",
    "Vinícius",
    "Zélia",
]
_LAST = [
    "Almeida",
    "Alves",
    "Andrade",
    "Araújo",
    "Assunção",
    "Barbosa",
    "Barros",
    "Batista",
    "Borges",
    "Brandão",
    "Campos",
    "Cardoso",
    "Carvalho",
    "Castro",
    "Conceição",
    "Correia",
    "Costa",
    "Dias",
    "Duarte",
    "Esteves",
    "Falcão",
    "Faria",
    "Fernandes",
    "Ferreira",
    "Fonseca",
    "Freitas",
    "Galvão",
    "Gomes",
    "Gonçalves",
    "Guimarães",
    "Leão",
    "Lima",
    "Lopes",
    "Machado",
    "Magalhães",
    "Martins",
    "Melo",
    "Mendonça",
    "Monteiro",
    "Moraes",
    "Moreira",
    "Moura",
    "Nascimento",
    "Neves",
    "Nóbrega",
    "Nogueira",
    "Oliveira",
    "Paixão",
    "Pereira",
    "Pinto",
    "Queirós",
    "Ramos",
    "Ribeiro",
    "Rocha",
    "Rodrigues",
    "Sá",
    "Sampaio",
    "Santana",
    "Santos",
    "Silva",
    "Simões",
    "Soares",
    "Souza",
    "Tavares",
    "Teixeira",
    "Vasconcelos",
    "Viana",
    "Vieira",
    "Xavier",
]
_TRADE = [
    "Padaria",
    "Farmácia",
    "Mercearia",
    "Oficina",
    "Papelaria",
    "Livraria",
    "Açougue",
    "Floricultura",
    "Relojoaria",
    "Confecções",
    "Móveis",
    "Laticínios",
    "Transportes",
    "Construções",
    "Informática",
    "Pousada",
    "Restaurante",
    "Sapataria",
]
_SAINT = [
    "São João",
    "São José",
    "Santa Luzia",
    "Santo Antônio",
    "Nossa Senhora Aparecida",
    "Estrela",
    "Boa Vista",
    "Bela União",
    "Progresso",
    "Três Irmãos",
    "Ipê Amarelo",
    "Beira-Rio",
    "do Comércio",
    "Pérola",
    "Araucária",
]
_LEGAL = ("Ltda.", "ME", "& Filhos Ltda.", "S.A.")
_AREA_CODES = (11, 19, 21, 27, 31, 41, 47, 48, 51, 61, 62, 71, 81, 85, 91, 92)
NOTES = (
    "Prefere ser atendido pela manhã.",
    "Pede nota fiscal no CNPJ.",
    "Cliente desde a inauguração.",
    "Retira na loja; avisar por telefone.",
    "Aniversário em agosto.",
)
_DIGITS = "0123456789"
_ALPHANUMERIC = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PLAIN = str.maketrans("áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ", "aaaaeeiooouucAAAAEEIOOOUUC")


def people(count: int, seed: int) -> list[dict[str, str]]:
    """Make clients: the same seed, the same clients."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    return [_company(chance) if _often(chance, 0.3) else _person(chance) for _ in range(count)]


def _often(chance: random.Random, share: float) -> bool:
    return chance.random() < share


def _person(chance: random.Random) -> dict[str, str]:
    first, middle, last = chance.choice(_FIRST), chance.choice(_LAST), chance.choice(_LAST)
    body = "".join(chance.choices(_DIGITS, k=9))
    document = _with_check_digits(body, range(2, 12))
    email = f"{_ascii(first)}.{_ascii(last)}{chance.randrange(1, 999)}@example.com"
    return _client(chance, f"{first} {middle} {last}", email, document)


def _company(chance: random.Random) -> dict[str, str]:
    name = f"{chance.choice(_TRADE)} {chance.choice(_SAINT)}"
    body = "".join(chance.choices(_ALPHANUMERIC if _often(chance, 0.2) else _DIGITS, k=8)) + "0001"
    document = _with_check_digits(body, cycle(range(2, 10)))
    email = f"contato@{_ascii(name).replace(' ', '-')}{chance.randrange(1, 99)}.example.com"
    return _client(chance, f"{name} {chance.choice(_LEGAL)}", email, document)


def _with_check_digits(body: str, weights: Iterable[int]) -> str:
    """End a CPF or CNPJ: two digits, each a sum modulo 11 of what stands before it."""
    weighing = list(islice(weights, len(body) + 1))
    values = [ord(character) - ord("0") for character in body]
    for _ in range(2):
        total = sum(map(mul, reversed(values), weighing))
        values.append(-total % 11 % 10)
    return f"{body}{values[-2]}{values[-1]}"


def _client(chance: random.Random, name: str, email: str, document: str) -> dict[str, str]:
    client = {"name": name, "document": document}
    if _often(chance, 0.9):
        client["email"] = email
    if _often(chance, 0.95):
        number = f"9{chance.randrange(6000, 9999)}{chance.randrange(10_000):04}"
        client["phone"] = f"+55{chance.choice(_AREA_CODES)}{number}"
    if _often(chance, 0.2):
        client["notes"] = chance.choice(NOTES)
    return client


def _ascii(text: str) -> str:
    return text.translate(_PLAIN).lower()
