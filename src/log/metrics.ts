import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Every number of the exchange, in a registry of its own. Label values are project keys, codes, states and closed lists. */
export interface Metrics {
  readonly registry: Registry
  readonly entriesAccepted: Counter<'workflow'>
  readonly entriesRepeated: Counter<'workflow'>
  readonly messagesRefused: Counter<'reason'>
  readonly runs: Counter<'workflow' | 'state'>
  readonly records: Counter<'workflow' | 'outcome' | 'code'>
  readonly effects: Counter<'kind' | 'state'>
  readonly alerts: Counter<'code'>
  /** Seconds from request to answer; `status_class` is `2xx` … `5xx` or `none` where there was no answer. */
  readonly remoteRequests: Histogram<'system' | 'status_class'>
  /** 1 while a system is asked by one request at a time, because several in a row had no answer. */
  readonly systemsDown: Gauge<'system'>
  /** Set when the metrics are asked for, from the store. */
  readonly entries: Gauge<'state'>
  readonly notices: Gauge<'state'>
  readonly keptPayloads: Gauge
  readonly certificateExpires: Gauge
}

/** Counters start at zero with the process; what must be exact across restarts is in the store and its gauges. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    entriesAccepted: new Counter({
      name: 'entries_accepted_total',
      help: 'Messages that were stored as a new entry.',
      labelNames: ['workflow'],
      registers,
    }),
    entriesRepeated: new Counter({
      name: 'entries_repeated_total',
      help: 'Messages that were recognised as one accepted before.',
      labelNames: ['workflow'],
      registers,
    }),
    messagesRefused: new Counter({
      name: 'messages_refused_total',
      help: 'Requests to the inbox that were not accepted, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    runs: new Counter({
      name: 'runs_total',
      help: 'Runs that ended, by state.',
      labelNames: ['workflow', 'state'],
      registers,
    }),
    records: new Counter({
      name: 'records_total',
      help: 'Records that got an outcome in a run.',
      labelNames: ['workflow', 'outcome', 'code'],
      registers,
    }),
    effects: new Counter({
      name: 'effects_total',
      help: 'Effects on other systems, by the state they reached.',
      labelNames: ['kind', 'state'],
      registers,
    }),
    alerts: new Counter({ name: 'alerts_total', help: 'Alerts raised, by code.', labelNames: ['code'], registers }),
    remoteRequests: new Histogram({
      name: 'remote_requests_seconds',
      help: 'Time that requests to another system took.',
      labelNames: ['system', 'status_class'],
      buckets: [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    notices: new Gauge({
      name: 'notices',
      help: 'Notices of withdrawn consent that nobody has acted on: open in time, or overdue.',
      labelNames: ['state'],
      registers,
    }),
    keptPayloads: new Gauge({
      name: 'payloads_kept_over_72h',
      help: 'Payloads that stuck entries have kept for 72 hours or longer.',
      registers,
    }),
    certificateExpires: new Gauge({
      name: 'client_certificate_expires_timestamp_seconds',
      help: 'When the client certificate expires, in Unix time; 0 without one.',
      registers,
    }),
    systemsDown: new Gauge({
      name: 'system_down',
      help: '1 while a system does not answer, else 0.',
      labelNames: ['system'],
      registers,
    }),
    entries: new Gauge({ name: 'entries', help: 'Entries in the store, by state.', labelNames: ['state'], registers }),
  }
}
