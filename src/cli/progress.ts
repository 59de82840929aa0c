/** Says on standard error what is under way: one line that is written over, in a terminal; nothing where it is piped. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr) {
  const isTerminal = stream.isTTY === true
  return {
    say: (what: string) => {
      if (isTerminal) stream.write(`\r\u001b[K${what} …`)
    },
    end: () => {
      if (isTerminal) stream.write('\r\u001b[K')
    },
  }
}
