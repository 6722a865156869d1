"""Another intent model in service while residents write: real Rasa servers, no message without a model."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.run.state import follow_nlu_urls
from nlu.client import NluClient, NluUnavailable
from nlu.train import model_path
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox, Wechat
from tests.e2e.stack import ROOT, Stack

LOADING = 300.0  # seconds a second server may take on a busy machine
QUESTIONS = ("刷单是不是诈骗", "举报有奖吗", "电话说我中奖了要先交税是真的吗", "想举报一个发刷单广告的群")


@contextmanager
def parsing(hotline: Stack) -> Iterator[tuple[Counter[str], list[str]]]:
    """Four threads that have texts parsed as the intake does; which models answered, and what failed."""
    client = NluClient(follow_nlu_urls(hotline.data_dir), hotline.secrets["nlu_token"])
    models: Counter[str] = Counter()
    failures: list[str] = []
    ended = threading.Event()

    def parse(number: int) -> None:
        while not ended.is_set():
            try:
                models[client.parse(QUESTIONS[number]).model] += 1
            except NluUnavailable as failure:
                failures.append(failure.reason)
            time.sleep(0.02)

    threads = [threading.Thread(target=parse, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield models, failures
    finally:
        ended.set()
        for thread in threads:
            thread.join()


@contextmanager
def writing(resident: Wechat) -> Iterator[None]:
    """A resident who asks one thing after the other; the texts differ, so that none comes from the cache."""
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            resident.says(f"{QUESTIONS[number % 4]}{'呢' * (number // 4)}")
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def serve(hotline: Stack, model: Path) -> tuple[int, str]:
    """``python -m bot model serve FILE``: exit code and what it said."""
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "model", "serve", str(model)],
        cwd=ROOT,
        env=hotline.env,
        capture_output=True,
        text=True,
        timeout=LOADING,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.fixture
def original(hotline: Stack) -> Iterator[Path]:
    """The model of the sources, in service again afterwards."""
    yield model_path()
    assert serve(hotline, model_path())[0] == 0


def test_no_message_notices_that_another_model_takes_over(
    hotline: Stack, sandbox: Sandbox, records: Records, original: Path, tmp_path: Path
) -> None:
    """Given residents who write, when another model is put in service, then each is understood by one or the other."""
    other = Path(shutil.copy(original, tmp_path / "0000000000000001.tar.gz"))
    resident, old_server = sandbox.wechat(), hotline.run.pids["nlu"]

    with parsing(hotline) as (models, failures), writing(resident):
        code, said = serve(hotline, other)
        seen = models["0000000000000001"]
        resident_seen = time.monotonic() + 2
        while time.monotonic() < resident_seen:
            time.sleep(0.1)

    assert (code, said) == (0, "the model 0000000000000001 is in service\n")
    assert failures == []
    names = [original.name.removesuffix(".tar.gz"), "0000000000000001"]
    assert list(models) == names
    assert models[names[1]] > seen
    recorded = [row["model"] for row in records.messages(resident, "in")]
    assert sorted(set(recorded), key=recorded.index) == names
    assert Path(f"/proc/{old_server}").exists() is False
    assert json.loads(hotline.command("model", "show", "--json"))["in_service"] == "0000000000000001"


def test_a_broken_model_leaves_the_old_one_in_service(hotline: Stack, original: Path, tmp_path: Path) -> None:
    """Given a file that is no model, when it is to be put in service, then the old one stays and the reason is said."""
    broken = tmp_path / "0000000000000002.tar.gz"
    broken.write_bytes(original.read_bytes()[:100_000])
    before = hotline.run

    with parsing(hotline) as (models, failures):
        code, said = serve(hotline, broken)

    assert code == 1
    assert "the model 0000000000000002 was not put in service" in said
    assert f"the model {before.model} stays in service" in said
    assert failures == []
    assert list(models) == [before.model]
    assert (hotline.run.nlu_urls, hotline.run.pids) == (before.nlu_urls, before.pids)


def test_the_token_is_on_no_command_line(hotline: Stack) -> None:
    """Given the running hotline, when anybody on the machine lists processes, then the NLU token is not among them."""
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    token = hotline.secrets["nlu_token"].encode()
    assert not any(token in line for line in lines)
