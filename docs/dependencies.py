"""Dependencies of requirements.lock: a bill of materials, their licences, and known vulnerabilities.

``make sbom`` (CycloneDX 1.6), ``make licences`` (docs/licences.md), and the last step of ``make check``.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
SBOM = ROOT / "build/sbom.cdx.json"
LICENCES = ROOT / "docs/licences.md"
# seconds for an advisory service to answer at all; make check must not wait for a network that is not there
ANSWERS_WITHIN, TIMEOUT = 5, 4
# packages of other systems or Pythons, which are not installed here
LICENCE_ELSEWHERE = {"brotlicffi": "MIT", "colorama": "BSD-3-Clause"}
_PINNED = re.compile(r"([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\]+?))? \\")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_REQUIRED = re.compile(r"[A-Za-z0-9._-]+")
_CLASSIFIER = "License :: OSI Approved :: "


@dataclass(frozen=True)
class Package:
    """A pinned package; ``marker`` says where it is installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked_packages() -> list[Package]:
    found: list[Package] = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", LOCK.read_text(encoding="utf-8")):
        pinned = _PINNED.match(block)
        if pinned:
            found.append(Package(pinned[1], pinned[2], pinned[3] or "", tuple(_HASH.findall(block))))
    return found


def licence_of(package: Package) -> str:
    """Return the licence that the package itself names."""
    try:
        told = metadata.metadata(package.name)
    except metadata.PackageNotFoundError:
        return LICENCE_ELSEWHERE[package.name]
    if told.get("License-Expression"):
        return str(told["License-Expression"])
    classifiers = [
        c.removeprefix(_CLASSIFIER) for c in told.get_all("Classifier") or [] if c.startswith(_CLASSIFIER)
    ]
    text = str(told.get("License") or "").strip().splitlines()
    short = text[0].strip() if text and len(text[0]) <= 60 and not text[0].startswith("Copyright") else ""
    return short or " / ".join(classifiers) or "?"


def font_packages() -> dict[str, str]:
    """Return the licence of each Debian package that fonts of the pack come from."""
    from formsvc.installation import fandol_fonts
    from formsvc.installation.font_pack import SYSTEM_FONTS

    found = {font.package: font.licence for font in SYSTEM_FONTS}
    return {**found, fandol_fonts.PACKAGE: fandol_fonts.LICENCE}


# Bill of materials ----------------------------------------------------------------------------------


def write_sbom(target: Path = SBOM) -> int:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], (ROOT / "formsvc/version.py").read_text(encoding="utf-8").split('"')[-2]
    bom = Bom(serial_number=uuid.UUID(hashlib.sha256(LOCK.read_bytes()).hexdigest()[:32], version=4))
    root = Component(name=name, version=version, type=ComponentType.APPLICATION, bom_ref=name)
    bom.metadata.component = root
    components = {each.name: _library(each) for each in locked_packages()}
    components |= {each: _font(each, licence) for each, licence in font_packages().items()}
    for component in components.values():
        bom.components.add(component)
    direct = {*map(_name, project["dependencies"]), *font_packages()}
    bom.register_dependency(root, [components[each] for each in sorted(direct)])
    for each, component in components.items():
        needed = sorted(_needs(each) & set(components))
        bom.register_dependency(component, [components[one] for one in needed])
    target.parent.mkdir(exist_ok=True)
    target.write_text(JsonV1Dot6(bom).output_as_string(indent=1) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(components)} components")
    return 0


def _library(package: Package) -> Component:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense
    from packageurl import PackageURL

    purl = PackageURL("pypi", None, package.name, package.version)
    files = [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in package.hashes]
    file = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(purl)), hashes=files)
    return Component(
        name=package.name, version=package.version, type=ComponentType.LIBRARY, purl=purl, bom_ref=str(purl),
        licenses=[DisjunctiveLicense(name=licence_of(package))], external_references=[file],
    )  # fmt: skip


def _font(name: str, licence: str) -> Component:
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense
    from packageurl import PackageURL

    return Component(
        name=name, type=ComponentType.FILE, purl=PackageURL("deb", "debian", name), bom_ref=f"deb:{name}",
        licenses=[DisjunctiveLicense(name=licence)],
    )  # fmt: skip


def _name(requirement: str) -> str:
    found = _REQUIRED.match(requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def _needs(name: str) -> set[str]:
    try:
        return {_name(each) for each in metadata.requires(name) or [] if "extra ==" not in each}
    except metadata.PackageNotFoundError:
        return set()


# Licences -------------------------------------------------------------------------------------------

HEAD = """\
# 依赖的许可证

`make licences` 由 `requirements.lock` 和各软件包自己的说明写成；版本见 `requirements.lock`，全部部件的清单（CycloneDX）用 `make sbom` 写到 `build/sbom.cdx.json`。

| Python 软件包 | 许可证 | 只在 |
|---|---|---|
"""
FONTS = """
字体（Debian 软件包，准备字体时取用，各字体文件的许可证原文在 `instance/fonts/pack`）：

| 软件包 | 许可证 |
|---|---|
"""


def licence_page() -> str:
    rows = [
        f"| {package.name} | {licence_of(package)} | {f'`{package.marker}`' if package.marker else ''} |"
        for package in locked_packages()
    ]
    fonts = [f"| {name} | {licence} |" for name, licence in sorted(font_packages().items())]
    return HEAD + "\n".join(rows) + "\n" + FONTS + "\n".join(fonts) + "\n"


def write_licences() -> int:
    LICENCES.write_text(licence_page(), encoding="utf-8")
    return 0


# Vulnerabilities ------------------------------------------------------------------------------------


def audit() -> int:
    """Return 1 if a pinned package has a known vulnerability; say so if nobody can tell."""
    first = next(package for package in locked_packages() if not package.marker)
    answer = _ask(f"{first.name}=={first.version}\n", ANSWERS_WITHIN)
    if not answer or any("vulns" not in each for each in answer):
        print("没有漏洞公告服务应答，依赖的已知漏洞这次没有核对（pip-audit）。")
        return 0
    packages = [each for each in locked_packages() if not each.marker]
    told = _ask("".join(f"{each.name}=={each.version}\n" for each in packages), 300)
    known = [each for each in told if each.get("vulns")]
    unknown = len(packages) - len([each for each in told if "vulns" in each])
    for each in known:
        names = "、".join(str(one["id"]) for one in each["vulns"])
        print(f"{each['name']} {each['version']} 有已知漏洞：{names}")
    if unknown:
        print(f"{unknown} 个软件包没有查到，没有核对。")
    if not known:
        print(f"核对了 {len(packages) - unknown} 个软件包，没有已知漏洞。")
    return 1 if known else 0


def _ask(requirements: str, seconds: int) -> list[dict[str, object]]:
    """Return what pip-audit says of each package; nothing if it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text(requirements, encoding="utf-8")
        words = ["-r", str(file), "--no-deps", "--disable-pip", "-f", "json", "--progress-spinner", "off"]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pip_audit", *words, "--timeout", str(TIMEOUT)],
                capture_output=True, text=True, timeout=seconds, check=False,
            )  # fmt: skip
            return list(json.loads(done.stdout)["dependencies"])
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            return []


STEPS: dict[str, Callable[[], int]] = {"sbom": write_sbom, "licences": write_licences, "audit": audit}

if __name__ == "__main__":
    sys.exit(STEPS[sys.argv[1]]())
