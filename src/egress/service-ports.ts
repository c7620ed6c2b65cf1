const FIRST_FREE_PORT = 1_024;
// Above the ports that belong to the system: databases, queues, caches, orchestrators, remote desktops and shells.
const SERVICES = new Set(
  [
    1080, 1099, 1433, 1434, 1521, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 4001, 4369, 5060, 5061,
  ].concat(
    [
      5432, 5433, 5601, 5671, 5672, 5900, 5901, 5938, 5984, 5985, 5986, 6000, 6001, 6379, 6380, 6443, 6566, 6665, 6666,
      6667,
    ],
    [
      6668, 6669, 6697, 7000, 7001, 7199, 7474, 7687, 8086, 8125, 8300, 8301, 8302, 8500, 8600, 9042, 9092, 9160, 9200,
      9300,
    ],
    [
      9418, 10250, 10255, 10256, 11211, 15672, 16379, 25565, 25672, 26257, 26379, 27017, 27018, 27019, 28015, 50000,
      50070,
    ],
  ),
);

/** Whether a URL's port (empty for its scheme's own) is one that something else than the web answers on. */
export function isServicePort(port: string): boolean {
  if (port === '' || port === '80' || port === '443') return false;
  return Number(port) < FIRST_FREE_PORT || SERVICES.has(Number(port));
}
