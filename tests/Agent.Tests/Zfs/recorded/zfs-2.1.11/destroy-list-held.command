LC_ALL=C TZ=UTC zfs destroy -p -v tank/many@fleet_nightly_20261114T205500Z,fleet_nightly_20261115T205500Z,fleet_nightly_20261116T205500Z
