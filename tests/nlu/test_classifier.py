"""Our component in Rasa's own environment: with everything it can load, and without."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from nlu import train
from nlu.serve import environment

ROOT = Path(__file__).resolve().parents[2]


def test_what_does_not_load_is_done_without(tmp_path: Path) -> None:
    if not train.RASA_PYTHON.is_file():
        pytest.skip("Rasa's environment is not set up: make setup")
    done = subprocess.run(
        [str(train.RASA_PYTHON), "-W", "ignore", str(Path(__file__).with_name("classifier_run.py")), str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("empty") == [True, False]
    assert found.pop("alike")
    assert not found["without"]["engine"]
    for answer in found.values():
        assert answer["ranking"][0][0] == "greet"
        assert sum(share for _, share in answer["ranking"]) == pytest.approx(1, abs=1e-4)
    if found["with"]["engine"]:
        assert found["with"]["ranking"] != found["without"]["ranking"]
    assert found["without"]["pieces"] and not found["bare"]["pieces"]
    assert found["bare"]["ranking"] != found["without"]["ranking"]


def test_the_profile_chooses_the_configuration_and_an_unknown_one_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(train.PROFILE, raising=False)
    fast = train.fingerprint()
    monkeypatch.setenv(train.PROFILE, "accurate")
    assert train.config_name() == "config-accurate.yml"
    assert train.fingerprint() != fast
    monkeypatch.setenv(train.PROFILE, "best")
    with pytest.raises(train.TrainingFailed, match="best"):
        train.config_name()
