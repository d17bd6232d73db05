LC_ALL=C TZ=UTC zfs snapshot -r -o fleet:policy=nightly -o fleet:run=1846a328cf9540b68137b0507d35680c -o fleet:host=7f0c6b3e-0000-4000-8000-000000000001 tank/app@fleet_nightly_20261120T205500Z
