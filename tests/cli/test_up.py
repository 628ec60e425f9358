"""`cvsync up` starts only what can run, never mixes the twins with live data, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from integration import kinds, steps
from integration.cli import whole
from integration.cli.news import MOST_STOCK_LINES, News
from integration.cli.plan import CannotStart, plan
from integration.problems import Problem
from integration.settings import Settings
from integration.storage import Store, causes, journal, schema
from tests.world import NOON, World

ROOT = Path(__file__).parents[2]
LIVE = {
    "centra_graphql_url": "https://centra.test/graphql", "centra_token": "token",
    "centra_order_api_url": "https://centra.test/order-api", "centra_order_api_key": "key",
    "centra_webhook_secret": "secret", "virtualstock_url": "https://virtualstock.test",
    "virtualstock_username": "user", "virtualstock_password": "password",
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(port=free_port(), flower_port=free_port(), **LIVE)


def test_live_settings_are_never_run_against_the_twins_nor_the_reverse(
    live: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotStart, match="unset"):
        plan(live, "sandbox", None)
    with pytest.raises(CannotStart, match="no live settings"):
        plan(Settings(), "live", None)


@pytest.mark.parametrize("procs", ["worker-orders", "worker-orders=x", "beat=2", "nobody=1"])
def test_a_wrong_count_of_processes_is_refused(live: Settings, procs: str) -> None:
    with pytest.raises(CannotStart, match="--procs"):
        plan(live, None, procs)


def test_a_process_that_shall_not_run_has_no_address(live: Settings) -> None:
    made = plan(live, None, "flower=0,worker-stock=2")
    assert list(made.addresses) == ["web"]
    assert made.procs == {"flower": 0, "worker-stock": 2}


def test_a_taken_port_is_named(live: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", live.port))
        taken.listen()
        with pytest.raises(CannotStart, match=f"Port {live.port} for web"):
            plan(live, None, None)


def test_the_login_of_flower_is_not_in_a_repr(live: Settings) -> None:
    made = plan(live, None, None)
    assert made.flower_login.startswith("ops:")
    assert made.flower_login not in repr(made)
    assert made.console_login == "", "a live system names its people"


def database(url: str) -> tuple[Settings, Store]:
    return Settings(database_url=url, redis_url="redis://127.0.0.1:9/0", **LIVE), Store(url)


def test_a_database_of_earlier_twins_is_emptied_and_never_serves_the_live_platforms(database_url: str) -> None:
    settings, store = database(database_url)
    whole.migrate(settings, sandbox=True)
    with store.write() as db:
        journal.draw(db, "something")
    whole.migrate(settings, sandbox=True)
    with store.read() as db:
        assert journal.watermark(db, "something") == 0
    assert schema.current(store) == schema.newest()
    with pytest.raises(CannotStart, match="of the sandbox"):
        whole.migrate(settings, sandbox=False)
    store.close()


def test_a_live_database_is_kept_and_never_given_to_the_twins(database_url: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    settings, store = database(database_url)
    whole.migrate(settings, sandbox=False)
    with store.write() as db:
        world.services.promise(db, steps.INTAKE_POLL, [steps.CENTRA])
    whole.migrate(settings, sandbox=False)
    with pytest.raises(CannotStart, match="of a live system"):
        whole.migrate(settings, sandbox=True)
    with store.read() as db:
        assert db.scalar(sa.text("select count(*) from work_item")) == 1
    store.close()
    world.store.close()


def test_each_event_is_told_once_in_words(tmp_path: Path) -> None:
    world = World(tmp_path)
    news = News(world.store, NOON)
    with world.store.write() as db:
        journal.tell(db, "sku", "TEE-M", "stock accepted", NOON, retailer="northgate", before=5, quantity=3)
        journal.tell(db, "order", "calder/PO-2", "placed", NOON, centra_order=1042)
        facts = {"retailer": "Calder", "item": "part number 7"}
        problem = Problem(kinds.UNMAPPED_SKU, "calder/7", facts)
        causes.open_for(db, [problem], NOON + timedelta(seconds=1), item_id=None)
    stock, order, cause = news.lines()
    assert stock.split()[1:] == ["stock", "northgate", "TEE-M", "5", "→", "3"]
    assert order.endswith("placed as Centra order 1042")
    assert "catalogue: Calder ordered part number 7" in cause
    assert news.lines() == []
    world.store.close()


def test_what_becomes_of_a_cause_is_told_in_the_console_only(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.store.write() as db:
        problem = Problem(kinds.UNMAPPED_SKU, "calder/7", {"retailer": "Calder", "item": "part number 7"})
        causes.open_for(db, [problem], NOON, item_id=None)
    news = News(world.store, NOON)
    with world.store.write() as db:
        causes.close_one(db, NOON, "alex", problem.kind.code, problem.key)
        assert journal.story(db, "cause", "1")[-1]["what"] == "closed: alex"
    assert news.lines() == []
    world.store.close()


def test_a_flood_of_quantities_does_not_hide_an_order(tmp_path: Path) -> None:
    world = World(tmp_path)
    news = News(world.store, NOON)
    with world.store.write() as db:
        for number in range(100):
            journal.tell(db, "sku", f"TEE-{number}", "stock accepted", NOON, retailer="calder", before=0, quantity=1)
        journal.tell(db, "order", "calder/PO-2", "received", NOON)
    lines = news.lines()
    assert len(lines) == MOST_STOCK_LINES + 2
    assert any("PO-2" in line for line in lines)
    assert f"{100 - MOST_STOCK_LINES} more" in lines[-1]
    world.store.close()


def twins_ports_are_free() -> bool:
    for port in (8801, 8802):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return False
    return True


def processes_with(marker: str) -> list[str]:
    """Command lines of every process whose environment holds `marker`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.story
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what is left running")
def test_everything_comes_up_against_the_twins_and_is_gone_after_ctrl_c(tmp_path: Path) -> None:
    if not twins_ports_are_free():
        pytest.skip("something runs on the ports of the twins")
    secret = "a-password-of-flower"
    environment = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("CENTRA_", "VIRTUALSTOCK_", "DATABASE_", "REDIS_"))
    } | {
        "VAR_DIR": str(tmp_path), "PORT": str(free_port()), "FLOWER_PORT": str(free_port()), "SANDBOX_LIFE": "0",
        "SANDBOX_SEED_SKUS": "30", "FLOWER_BASIC_AUTH": f"ops:{secret}", "COLUMNS": "200",
    }  # fmt: skip
    command = [sys.executable, "-u", "-m", "integration", "up", "--procs", "worker-stock=2"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if "stock  " in line or "nothing is left" in line:
                break
        alive = processes_with(str(tmp_path))
        running.send_signal(signal.SIGINT)
        rest, _ = running.communicate(timeout=60)
    assert "ready" in said, said + rest
    assert environment["PORT"] in said
    assert len([each for each in alive if "celery -A tasks worker" in each]) == 5
    assert not any(secret in each for each in alive)
    assert (running.returncode, processes_with(str(tmp_path))) == (0, [])
    assert not (tmp_path / "redis.url").exists()
