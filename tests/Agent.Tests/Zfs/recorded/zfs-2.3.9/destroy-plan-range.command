LC_ALL=C TZ=UTC zfs destroy -n -p -v tank/many@fleet_nightly_20261102T205500Z%fleet_nightly_20261109T205500Z
