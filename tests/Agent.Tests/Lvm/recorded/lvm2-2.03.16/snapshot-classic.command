LC_ALL=C TZ=UTC lvcreate -s -n home.fleet_nightly_20261120T205500Z -L 50331648b --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run=1846a328cf9540b68137b0507d35680c vg/home
