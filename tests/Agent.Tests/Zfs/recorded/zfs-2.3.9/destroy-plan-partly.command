LC_ALL=C TZ=UTC zfs destroy -n -p -v tank/many@fleet_nightly_20261110T205500Z,nosuch
