LC_ALL=C TZ=UTC lvconvert --merge vg/vol.fleet_nightly_20261120T205500Z
