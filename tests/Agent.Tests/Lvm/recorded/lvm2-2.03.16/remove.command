LC_ALL=C TZ=UTC lvremove -y --select lv_uuid=lJYiES-RFEd-FAV3-KvCV-FYKA-1x8t-yU22nV vg/removed
