"""What the surroundings say: `py-orc.toml`, `.env`, the environment and the call, as typed values. Read nowhere below."""

from orchestrator.settings.loading import load_settings
from orchestrator.settings.settings import FEATURES, CacheSettings, Setting, Settings

__all__ = ["FEATURES", "CacheSettings", "Setting", "Settings", "load_settings"]
