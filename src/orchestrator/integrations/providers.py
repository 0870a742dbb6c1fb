"""Opens the models of every vendor by their full names, `provider:name`; no vendor's package is imported before a request."""

from collections.abc import Mapping

from orchestrator.errors import SetupError
from orchestrator.integrations.remote import RemoteModel
from orchestrator.integrations.vendors import VENDORS, Vendor

PREFIXES = tuple(VENDORS)
"""The providers that `open_model` knows."""

PATIENCE = 600.0
"""Seconds for one call where the step sets no `timeout`."""


def open_model(
    name: str, base_url: str = "", *, environment: Mapping[str, str], timeout: float = PATIENCE
) -> RemoteModel:
    """Return the model of that full name; raises SetupError when its package or key is missing.

    `base_url` goes before the address in the environment, and gets no key: it was found, not configured.
    """
    provider, _, model = name.partition(":")
    vendor = VENDORS.get(provider)
    if vendor is None or not model:
        raise ValueError(f"{name} is no model of a known provider")
    _require_package(vendor)
    address = base_url or vendor.address(environment)
    key = "" if base_url else vendor.key(environment)
    if not key and address == vendor.usual:
        raise _no_key(name, vendor)
    return RemoteModel(name, vendor, address, key=key, timeout=timeout)


def default_model(environment: Mapping[str, str]) -> str | None:
    """Return the model that the environment's keys stand for, None where there is none; installed vendors come first."""
    keyed = [vendor for vendor in VENDORS.values() if vendor.default and vendor.key(environment)]
    keyed.sort(key=lambda vendor: not _is_installed(vendor.package))
    return f"{keyed[0].prefix}:{keyed[0].default}" if keyed else None


def _require_package(vendor: Vendor) -> None:
    if not _is_installed(vendor.package):
        raise SetupError(
            f"models of {vendor.title} need the package {vendor.package.replace('.', '-')}",
            hint=f'install it with: pip install "py-orc[{vendor.extra}]"',
        )


def _is_installed(package: str) -> bool:
    from importlib.util import find_spec

    outer = package.partition(".")[0]  # looking for a package within another one imports the outer
    return find_spec(outer) is not None and (outer == package or find_spec(package) is not None)


def _no_key(name: str, vendor: Vendor) -> SetupError:
    advice = f"set {' or '.join(vendor.keys)}"
    if vendor.prefix.startswith("openai"):
        advice += f", or set {vendor.addresses[0]} for another server that speaks its protocol"
    unset = (
        f"{vendor.keys[0]} is not set"
        if len(vendor.keys) == 1
        else f"neither {' nor '.join(vendor.keys)} is set"
    )
    return SetupError(f"{name} needs a key, and {unset}", hint=advice)
