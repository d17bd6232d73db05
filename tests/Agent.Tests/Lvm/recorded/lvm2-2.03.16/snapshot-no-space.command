LC_ALL=C TZ=UTC lvcreate -s -n x -L 209715200b --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run=1846a328cf9540b68137b0507d35680c vg/home
