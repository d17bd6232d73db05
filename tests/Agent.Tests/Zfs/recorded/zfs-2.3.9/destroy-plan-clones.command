LC_ALL=C TZ=UTC zfs destroy -n -p -v tank/data/limited@fleet_nightly_20261120T205500Z
