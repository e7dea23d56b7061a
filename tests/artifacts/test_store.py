import contextlib
import json
import zipfile

import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sqlops
from sqlops.artifacts.store import pack, unpack
from sqlops.errors import ArtifactError, SqlopsError

X, y = load_iris(return_X_y=True, as_frame=True)


def model(seed=0):
    forest = RandomForestClassifier(n_estimators=20, random_state=seed)
    return sqlops.compile(make_pipeline(StandardScaler(), forest).fit(X, y), X, name="iris")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return model().save(tmp_path_factory.mktemp("models") / "iris.sqlops")


def altered(path, tmp_path, **changes):
    """Return a copy of a saved model with some of its files replaced."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        full = next(n for n in files if n.endswith(name.replace("__", ".")))
        files[full] = change(files[full])
    copy = tmp_path / "copy.sqlops"
    with zipfile.ZipFile(copy, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return copy


def test_a_loaded_model_gives_the_same_sql_and_scores(saved):
    loaded, original = sqlops.load(saved), model()
    assert loaded.digest == original.digest
    assert loaded.signature == original.signature
    assert loaded.sql(source="t", keys=["id"]) == original.sql(source="t", keys=["id"])
    assert loaded.score(X).equals(original.score(X))
    assert loaded.verify(X, original.estimator).ok


def test_equal_models_are_equal_bytes(saved):
    assert pack(model()) == saved.read_bytes()
    assert pack(unpack(pack(model()))) == saved.read_bytes()


def test_another_model_has_another_digest(saved):
    assert model(seed=1).digest != sqlops.load(saved).digest


def test_a_loaded_model_cannot_verify_without_its_estimator(saved):
    with pytest.raises(SqlopsError) as error:
        sqlops.load(saved).verify(X)
    assert str(error.value) == "model 'iris' was loaded without its estimator: pass estimator= to verify"


def test_a_missing_file(tmp_path):
    with pytest.raises(ArtifactError, match=r"^cannot read '.*none\.sqlops': No such file or directory$"):
        sqlops.load(tmp_path / "none.sqlops")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_model(tmp_path, content):
    path = tmp_path / "bad.sqlops"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"is no compiled model, or is corrupt: compile and save it again$"):
        sqlops.load(path)


def test_every_cut_off_file_is_refused(saved, tmp_path):
    data = saved.read_bytes()
    path = tmp_path / "cut.sqlops"
    for size in range(0, len(data), len(data) // 25):
        path.write_bytes(data[:size])
        with pytest.raises(ArtifactError):
            sqlops.load(path)


def test_every_flipped_byte_is_refused_or_harmless(saved, tmp_path):
    data = saved.read_bytes()
    digest = sqlops.load(saved).digest
    path = tmp_path / "flipped.sqlops"
    for at in range(0, len(data), len(data) // 60):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        with contextlib.suppress(ArtifactError):
            assert sqlops.load(path).digest == digest


def test_an_altered_array_is_refused(saved, tmp_path):
    path = altered(saved, tmp_path, threshold__npy=lambda data: data[:-1] + b"\x00")
    with pytest.raises(ArtifactError, match=r"was altered after it was saved: its hashes do not match$"):
        sqlops.load(path)


def test_altered_content_with_altered_hashes_is_refused(saved, tmp_path):
    import hashlib

    text = json.dumps({"inputs": {}, "expected": {}}).encode()
    other = b'{"task": "regression", "classes": [], "inputs": [], "outputs": []}'

    def manifest(data):
        content = json.loads(data)
        content["files"]["sample.json"] = hashlib.sha256(text).hexdigest()
        content["files"]["signature.json"] = hashlib.sha256(other).hexdigest()
        return json.dumps(content).encode()

    path = altered(
        saved, tmp_path, sample__json=lambda _: text, signature__json=lambda _: other, manifest__json=manifest
    )
    with pytest.raises(ArtifactError, match=r"was altered after it was saved: its digest does not match$"):
        sqlops.load(path)


def test_a_newer_format_is_refused(saved, tmp_path):
    path = altered(saved, tmp_path, manifest__json=lambda data: data.replace(b'"format": 1', b'"format": 99'))
    with pytest.raises(ArtifactError, match=r"in format 99; this sqlops \(.*\) reads up to 1: upgrade sqlops$"):
        sqlops.load(path)


def test_a_failed_save_leaves_the_old_file(saved, tmp_path):
    path = tmp_path / "iris.sqlops"
    path.write_bytes(saved.read_bytes())
    with pytest.raises(ArtifactError, match="cannot write"):
        model().save(tmp_path / "no folder" / "iris.sqlops")
    assert path.read_bytes() == saved.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_is_loaded_as_it_was_saved(tmp_path):
    network = MLPClassifier((60, 9), max_iter=5, random_state=0).fit(X, y)
    model = sqlops.compile(network, X, name="iris")
    loaded = sqlops.load(model.save(tmp_path / "network.sqlops"))
    assert loaded.sql(source="t") == model.sql(source="t")
    assert loaded.score(X).equals(model.score(X))
