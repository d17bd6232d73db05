LC_ALL=C TZ=UTC lvconvert -y --merge -i 1 vg/home.now
