"""`python -m schemas.release`: adds the current schemas that changed to the released ones.

Refuses a schema that cannot read what any released version of it has written.
"""

from __future__ import annotations

import sys

from schemas import catalog
from schemas.compatibility import problems


def release() -> list[str]:
    """The lines added to the log."""
    added = []
    for version in catalog.versions():
        if version.number:
            continue
        number = 1 + sum(old.name == version.name for old in catalog.released())
        path = catalog.RELEASED / version.name / f"v{number}.avsc"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((catalog.HERE / f"{version.name}.avsc").read_text())
        added.append(f"{version.name} v{number}")
    if added:
        with catalog.LOG.open("a") as log:
            log.writelines(line + "\n" for line in added)
        catalog.released.cache_clear()
    return added


def main() -> int:
    if found := [problem for name in catalog.names() for problem in problems(name)]:
        print("\n".join(found), file=sys.stderr)
        return 1
    print("\n".join(release()) or "nothing to release: every current schema is the last released one")
    return 0


if __name__ == "__main__":
    sys.exit(main())
