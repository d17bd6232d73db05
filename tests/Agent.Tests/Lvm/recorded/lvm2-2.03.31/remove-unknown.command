LC_ALL=C TZ=UTC lvremove -y vg/nosuch
