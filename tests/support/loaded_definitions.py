"""Shipped definitions, loaded once for all processes of a test run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formsvc.documents.checking.check_cache import program_fingerprint
from formsvc.domain.definition_loader import FormDefinition, load_definition


def load_once(
    source: Any, groups: Mapping[str, Any], lookups: Mapping[str, Any], file: str = "definition.json"
) -> FormDefinition:
    """Return the definition of a JSON text or object.

    Its trials take a third of a second, which some forty offices and modules of the tests need for each kind.
    """
    if "FORMSVC_CHECK_CACHE" not in os.environ:
        return load_definition(source, groups, lookups, file)
    content = json.dumps([source, groups, lookups, file, program_fingerprint().hex()], ensure_ascii=False)
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    kept = Path(os.environ["FORMSVC_CHECK_CACHE"], f"definition-{digest}")
    if kept.exists():
        found = pickle.loads(kept.read_bytes())
        assert isinstance(found, FormDefinition)
        return found
    definition = load_definition(source, groups, lookups, file)
    written = kept.with_name(f"{kept.name}.{os.getpid()}")
    written.write_bytes(pickle.dumps(definition))
    # another process may read meanwhile
    written.replace(kept)
    return definition
