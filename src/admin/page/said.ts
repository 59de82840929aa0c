const sentences: ReadonlyMap<string, string> = new Map(
  Object.entries({
    replayed: 'The entry is worked on again.',
    discarded: 'The entry was discarded and its payload erased.',
    not_stuck: 'Nothing was done: the entry is not stuck any more, or its payload is gone.',
    settled: 'The effect is settled.',
    not_in_doubt: 'Nothing was done: the effect is settled already.',
    told: 'The notice is ticked off.',
    notice_done: 'Nothing was done: the notice was ticked off before.',
    asked: 'The run was asked for.',
    unknown: 'Nothing was done: there is no such thing any more.',
    needs_message: 'Nothing was done: this workflow starts with a message.',
    wrong: 'Name or password is wrong, or the account has expired.',
    locked: 'Too many wrong passwords. Try again in a quarter of an hour.',
    signed_out: 'You are signed out.',
  }),
)

/** What the page says about the act that led to it. Only what stands here can be said, whatever the address holds. */
export function said(name: string | undefined): string | undefined {
  return name === undefined ? undefined : sentences.get(name)
}
