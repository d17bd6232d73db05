LC_ALL=C TZ=UTC zfs destroy -p -v tank/many@fleet_nightly_20261110T205500Z,fleet_nightly_20261112T205500Z,fleet_nightly_20261120T205500Z
