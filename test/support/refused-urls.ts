/** URLs that nobody may have fetched, by the row of bad inputs that they belong to and the kind of refusal. */
export const REFUSED_URLS: readonly (readonly [
  row: string,
  code: 'url' | 'scheme' | 'port',
  urls: readonly string[],
])[] = [
  ['S01', 'url', ['http://localhost/', 'http://LOCALHOST./', 'http://0/', 'http://0.0.0.0/', 'http://[::]/']],
  ['S01', 'url', ['http://127.0.0.1:8080/', 'http://[::1]/']],
  ['S02', 'url', ['http://0x7f000001/', 'http://2130706433/', 'http://0177.0.0.1/', 'http://127.1/']],
  ['S02', 'url', ['http://①②⑦.⓪.⓪.①/', 'http://127。0。0。1/', 'http://%31%32%37.0.0.1/', 'http:\\\\127.0.0.1\\']],
  ['S03', 'url', ['http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'http://[::ffff:a9fe:a9fe]/']],
  ['S03', 'url', ['http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://[2001:0::]/']],
  ['S03', 'url', ['http://[fe80::1%25lo]/', 'http://[fd00:ec2::254]/']],
  ['S04', 'url', ['http://169.254.169.254/', 'http://100.100.100.200/', 'http://192.0.0.192/', 'http://10.0.0.1/']],
  ['S04', 'url', ['http://metadata.google.internal/', 'http://172.16.0.1/', 'http://192.168.0.1/']],
  ['S04', 'url', ['http://100.64.0.1/', 'http://224.0.0.1/', 'http://240.0.0.1/', 'http://255.255.255.255/']],
  ['S05', 'scheme', ['file:///etc/passwd', 'gopher://a.com/', 'ftp://a.com/', 'blob:https://a.com/1']],
  ['S05', 'scheme', ['javascript:alert(1)', 'dict://a.com/', 'unix:/var/run/docker.sock', 'data:text/html,a']],
  ['S06', 'url', ['http://good@127.0.0.1', 'http://127.0.0.1#@good', 'https://api.openai.com.evil.test/']],
  ['S06', 'url', ['https://api.openai.com%2eevil.test/', 'https://example.com./', 'https://аpi.openai.com/']],
  ['S07', 'port', [22, 25, 6379, 5432, 0].map((port) => `http://example.com:${String(port)}/`)],
];
