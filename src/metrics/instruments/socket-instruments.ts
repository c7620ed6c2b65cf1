import { Counter, Gauge, type Registry } from 'prom-client';

/** The series about WebSockets; their messages are counted with the requests. */
export class SocketInstruments {
  readonly open: Gauge;
  readonly closed: Counter<'code'>;

  constructor(registry: Registry) {
    this.open = new Gauge({
      name: 'trunkline_websocket_connections',
      help: 'Open WebSockets.',
      registers: [registry],
    });
    this.closed = new Counter({
      name: 'trunkline_websocket_closes_total',
      help: 'WebSockets that were closed, by the code of the close.',
      labelNames: ['code'],
      registers: [registry],
    });
  }
}
