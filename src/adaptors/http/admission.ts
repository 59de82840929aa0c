/** Leave to send requests to one system, given by the runtime: all processes together keep its bound. */
export interface Admission {
  /**
   * Resolves when one more request may be in flight, with what gives the place back.
   *
   * @param options.unproven  it is not known whether the system accepts the account: of such requests one is in flight in
   *                          all processes together
   * @throws REMOTE_DOWN (later, not_reached) when no place became free for long; CREDENTIALS_REFUSED (never) when the
   *         account was refused, here or in another process
   */
  enter(options: { readonly unproven: boolean; readonly signal?: AbortSignal | undefined }): Promise<() => void>
  /** The system refused the account: when it resolves, nobody enters any more in any process. Called before leaving. */
  refused(): Promise<void>
  /** The system accepted the account. */
  accepted(): Promise<void>
}

/** Does `work` inside; without an admission at once. */
export async function admitted<T>(
  admission: Admission | undefined,
  options: Parameters<Admission['enter']>[0],
  work: () => Promise<T>,
): Promise<T> {
  const leave = await admission?.enter(options)
  try {
    return await work()
  } finally {
    leave?.()
  }
}
