LC_ALL=C TZ=UTC lvchange -ay -K --select lv_uuid=7nYGwM-Linv-RuDx-wMVE-0dEu-8RSF-sI5idj vg/vol.fleet_nightly_20261120T205500Z
