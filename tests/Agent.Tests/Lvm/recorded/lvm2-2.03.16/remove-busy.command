LC_ALL=C TZ=UTC lvremove -y vg/vol.fleet_nightly_20261120T205500Z
