"""An archive as the public data come, and the manifest that knows two of its three files."""

import hashlib
import io
import tarfile

import pandas as pd

FILES = {"data/a.nii.gz": b"scan a", "data/deep/b.txt": b"table b", "extra.txt": b"not in the manifest"}


MANIFEST = pd.DataFrame(
    [(name, hashlib.sha256(content).hexdigest(), len(content)) for name, content in list(FILES.items())[:2]],
    columns=["path", "sha256", "bytes"],
)


def archive(files, top="repository-3338c88/"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(top + name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()
