"""What every ledger of people keeps to."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from store.engine import Ledger, _ledger, open_ledger
from store.migrations.upgrade import script
from store.people import SqlPeople
from tamizdat.digest import Digest, digest
from tamizdat.errors import LedgerError
from tamizdat.people import Invitation, Person, Removed, Role, Session
from tests.contract.ledger_values import START

MINUTE = timedelta(minutes=1)
SOON = START + 10 * MINUTE
ANNA, BORIS = digest(b"anna"), digest(b"boris")
OLD, NEW = (
    "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$b2xk",
    "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$bmV3",
)


@pytest.fixture
def people(ledger: Ledger) -> SqlPeople:
    return SqlPeople(ledger)


def token(number: int) -> Digest:
    return digest(f"token {number}".encode())


def invited(number: int, role: Role = Role.EDITOR, person: int | None = None) -> Invitation:
    return Invitation(token=token(number), role=role, expires=SOON, person=person)


def signed_in(number: int, person: int, begun: int = 0, seen: int = 0) -> Session:
    return Session(
        token=token(number),
        person=person,
        begun=START + begun * MINUTE,
        seen=START + seen * MINUTE,
    )


async def joined(people: SqlPeople, name: Digest, role: Role = Role.EDITOR) -> Person:
    """Somebody who was invited and came."""
    await people.invite(Invitation(token=digest(b"in" + name.encode()), role=role, expires=SOON))
    person = await people.join(digest(b"in" + name.encode()), name, OLD, START)
    assert person
    return person


@pytest.mark.parametrize("invitation", [invited(1), invited(1, Role.OPERATOR, person=7)])
async def test_an_invitation_comes_back_until_it_is_used(
    people: SqlPeople, invitation: Invitation
) -> None:
    await people.invite(invitation)

    assert await people.invitation(token(1)) == invitation
    assert await people.invitation(token(2)) is None


async def test_who_joins_is_known_by_name_and_number(people: SqlPeople) -> None:
    await people.invite(invited(1, Role.OPERATOR))

    person = await people.join(token(1), ANNA, OLD, START)

    assert person == Person(number=1, name=ANNA, password=OLD, role=Role.OPERATOR, since=START)
    assert await people.by_name(ANNA) == person
    assert await people.get(1) == person
    assert await people.all() == [person]
    assert await people.invitation(token(1)) is None


async def test_nobody_is_known_who_did_not_join(people: SqlPeople) -> None:
    await people.invite(invited(1))

    assert await people.by_name(ANNA) is None
    assert await people.get(1) is None
    assert await people.all() == []
    assert await people.session(token(1)) is None


async def test_an_unknown_or_used_invitation_lets_nobody_in(people: SqlPeople) -> None:
    await people.invite(invited(1))
    await people.join(token(1), ANNA, OLD, START)

    again = await people.join(token(1), BORIS, NEW, START)
    unknown = await people.join(token(2), BORIS, NEW, START)

    assert (again, unknown) == (None, None)
    assert len(await people.all()) == 1


async def test_an_invitation_holds_until_it_expires(people: SqlPeople) -> None:
    await people.invite(invited(1))
    await people.invite(invited(2))

    late = await people.join(token(1), ANNA, OLD, SOON)
    early = await people.join(token(2), ANNA, OLD, SOON - MINUTE)

    assert late is None
    assert await people.all() == [early]


async def test_of_two_browsers_with_one_invitation_one_gets_in(people: SqlPeople) -> None:
    await people.invite(invited(1))
    names = [digest(f"name {n}".encode()) for n in range(5)]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(people.join(token(1), name, OLD, START)) for name in names]

    came = [task.result() for task in tasks if task.result()]
    assert len(came) == 1
    assert await people.all() == came


async def test_of_two_people_who_choose_one_name_one_gets_it(people: SqlPeople) -> None:
    await people.invite(invited(1))
    await people.invite(invited(2))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(people.join(token(n), ANNA, OLD, START)) for n in (1, 2)]

    came = [task.result() for task in tasks if task.result()]
    assert len(came) == 1
    assert await people.all() == came


async def test_who_finds_a_name_taken_can_choose_another(people: SqlPeople) -> None:
    await joined(people, ANNA)
    await people.invite(invited(1))

    refused = await people.join(token(1), ANNA, NEW, START)
    accepted = await people.join(token(1), BORIS, NEW, START)

    assert refused is None
    assert await people.by_name(BORIS) == accepted
    assert await people.by_name(ANNA) == Person(
        number=1, name=ANNA, password=OLD, role=Role.EDITOR, since=START
    )


@pytest.mark.parametrize("name", [ANNA, digest(b"anna k.")])
async def test_a_known_person_gets_a_new_password_and_is_signed_out(
    people: SqlPeople, name: Digest
) -> None:
    anna, boris = await joined(people, ANNA), await joined(people, BORIS)
    await people.begin(signed_in(8, anna.number))
    await people.begin(signed_in(9, boris.number))
    await people.invite(invited(1, Role.OPERATOR, person=anna.number))

    renewed = await people.join(token(1), name, NEW, START + MINUTE)

    assert renewed == replace(anna, name=name, password=NEW)
    assert await people.all() == [renewed, boris]
    assert await people.session(token(8)) is None
    assert await people.session(token(9)) == signed_in(9, boris.number)
    assert await people.invitation(token(1)) is None


async def test_a_known_person_does_not_get_another_persons_name(people: SqlPeople) -> None:
    anna, boris = await joined(people, ANNA), await joined(people, BORIS)
    await people.begin(signed_in(8, anna.number))
    await people.invite(invited(1, person=anna.number))

    assert await people.join(token(1), BORIS, NEW, START) is None

    assert await people.all() == [anna, boris]
    assert await people.session(token(8)) is not None


async def test_a_join_that_breaks_off_changes_nothing(ledger: Ledger, people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.invite(invited(1, person=anna.number))
    async with ledger.writing() as connection:
        await connection.execute(text("ALTER TABLE session RENAME TO away"))

    with pytest.raises(LedgerError, match=r"^ledger [^\n]*$"):
        await people.join(token(1), ANNA, NEW, START)

    assert await people.by_name(ANNA) == anna
    assert await people.invitation(token(1)) == invited(1, person=anna.number)


async def test_a_removed_person_is_let_in_no_more_and_their_password_is_forgotten(
    people: SqlPeople,
) -> None:
    anna, boris = await joined(people, ANNA), await joined(people, BORIS)
    await people.begin(signed_in(8, anna.number))
    await people.begin(signed_in(9, boris.number))
    await people.invite(invited(1, person=anna.number))

    await people.remove(anna.number, START + MINUTE)

    gone = replace(anna, removed=START + MINUTE, password="")
    assert await people.by_name(ANNA) is None
    assert await people.all() == [gone, boris]
    assert await people.get(anna.number) == gone
    assert await people.session(token(8)) is None
    assert await people.session(token(9)) is not None
    assert await people.join(token(1), ANNA, NEW, START) is None


async def test_a_person_is_removed_once_and_no_password_comes_after(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.remove(anna.number, START + MINUTE)

    await people.remove(anna.number, START + 2 * MINUTE)
    await people.set_password(anna.number, NEW)

    assert await people.all() == [replace(anna, removed=START + MINUTE, password="")]


async def test_nobody_is_removed_by_a_wrong_number(people: SqlPeople) -> None:
    with pytest.raises(LedgerError, match=r"^there is no person 7$"):
        await people.remove(7, START)


async def test_the_name_of_a_removed_person_is_free(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.remove(anna.number, START + MINUTE)
    await people.invite(invited(1))

    other = await people.join(token(1), ANNA, NEW, START + 2 * MINUTE)

    assert await people.by_name(ANNA) == other
    assert [one.number for one in await people.all()] == [1, 2]


async def test_a_session_begun_while_its_person_is_removed_is_none(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.remove(anna.number, START)

    with pytest.raises(LedgerError, match=r"^person 1 may not sign in$"):
        await people.begin(signed_in(8, anna.number))

    assert await people.session(token(8)) is None


async def test_a_password_is_replaced_and_sessions_go_on(people: SqlPeople) -> None:
    anna, boris = await joined(people, ANNA), await joined(people, BORIS)
    await people.begin(signed_in(8, anna.number))

    await people.set_password(anna.number, NEW)

    assert await people.all() == [replace(anna, password=NEW), boris]
    assert await people.session(token(8)) is not None


async def test_the_last_use_of_a_session_only_moves_forward(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.begin(signed_in(8, anna.number))
    await people.begin(signed_in(9, anna.number))

    await people.touch(token(8), START + 2 * MINUTE)
    await people.touch(token(8), START + MINUTE)

    assert await people.session(token(8)) == signed_in(8, anna.number, seen=2)
    assert await people.session(token(9)) == signed_in(9, anna.number)


async def test_sessions_end_one_by_one_or_all_of_a_person(people: SqlPeople) -> None:
    anna, boris = await joined(people, ANNA), await joined(people, BORIS)
    for number in (1, 2, 3):
        await people.begin(signed_in(number, anna.number))
    await people.begin(signed_in(4, boris.number))

    await people.end(token(1))
    assert [await people.session(token(n)) is None for n in (1, 2, 3, 4)] == [True] + 3 * [False]

    await people.end_all(anna.number)
    assert [await people.session(token(n)) is None for n in (2, 3, 4)] == [True, True, False]


async def test_old_and_idle_sessions_end(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.begin(signed_in(1, anna.number, begun=0, seen=9))
    await people.begin(signed_in(2, anna.number, begun=1, seen=4))
    await people.begin(signed_in(3, anna.number, begun=1, seen=5))

    await people.end_stale(START + MINUTE, START + 5 * MINUTE)

    assert [await people.session(token(n)) is None for n in (1, 2, 3)] == [True, True, False]


async def test_expired_invitations_are_dropped(people: SqlPeople) -> None:
    await people.invite(invited(1))
    await people.invite(replace(invited(2), expires=SOON + MINUTE))

    await people.end_stale(START, SOON + MINUTE)

    assert await people.invitation(token(1)) is None
    assert await people.invitation(token(2)) is not None


async def test_people_are_there_after_a_restart(ledger_address: str) -> None:
    first = await open_ledger(ledger_address)
    anna = await joined(SqlPeople(first), ANNA)
    await SqlPeople(first).begin(signed_in(8, anna.number))
    await first.close()

    second = await open_ledger(ledger_address)

    assert await SqlPeople(second).by_name(ANNA) == anna
    assert await SqlPeople(second).session(token(8)) == signed_in(8, anna.number)
    await second.close()


async def test_the_sessions_of_a_person_are_told_newest_first(people: SqlPeople) -> None:
    anna, boris = await joined(people, ANNA), await joined(people, BORIS)
    for number, person in ((1, anna), (2, anna), (3, boris)):
        await people.begin(signed_in(number, person.number, begun=number))

    assert await people.sessions_of(anna.number) == [
        signed_in(2, anna.number, begun=2),
        signed_in(1, anna.number, begun=1),
    ]
    assert await people.end_all(anna.number) == 2
    assert await people.sessions_of(anna.number) == []


async def test_whoever_is_removed_takes_all_along_and_it_is_told(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.begin(signed_in(8, anna.number))
    await people.begin(signed_in(9, anna.number))
    await people.invite(invited(1, person=anna.number))

    gone = await people.remove(anna.number, START)
    again = await people.remove(anna.number, START)

    assert gone == Removed(sessions=2, invitations=1)
    assert again == Removed()


async def test_a_role_is_changed_for_whoever_is_there(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)

    await people.set_role(anna.number, Role.WRITER)

    assert await people.get(anna.number) == replace(anna, role=Role.WRITER)
    with pytest.raises(LedgerError, match=r"^there is no person 7$"):
        await people.set_role(7, Role.WRITER)


async def test_a_second_password_freezes_once_and_a_new_link_ends_it(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.set_second(anna.number, NEW)
    await people.freeze(anna.number, START + MINUTE)
    await people.freeze(anna.number, START + 2 * MINUTE)
    frozen = await people.get(anna.number)
    await people.invite(invited(1, person=anna.number))

    await people.join(token(1), ANNA, NEW, START)

    assert frozen == replace(anna, second=NEW, frozen=START + MINUTE)
    assert await people.get(anna.number) == replace(anna, password=NEW)


async def test_operators_of_an_older_ledger_can_do_all_as_before(ledger_address: str) -> None:
    older = _ledger(ledger_address)
    async with older.writing() as connection:
        await connection.run_sync(lambda sync: command.upgrade(script(sync), "0005"))
        for number, role in ((1, "operator"), (2, "editor")):
            row = f"INSERT INTO person VALUES ({number}, 'n{number}', 'x', '{role}', 1, NULL)"  # noqa: S608 - our own words
            await connection.execute(text(row))
    await older.close()

    ledger = await open_ledger(ledger_address)

    assert [one.role for one in await SqlPeople(ledger).all()] == [Role.BOTH, Role.EDITOR]
    await ledger.close()
