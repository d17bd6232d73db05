LC_ALL=C TZ=UTC zfs destroy -p -v tank/data@fleet_nightly_20261120T205500Z
