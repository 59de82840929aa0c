import type { Problem } from './types.ts'

/** `project.yaml:14:15  workflows.x.edges.y.target_job: there is no job "z". Did you mean "zed"?` */
export function renderProblem({ file, line, column, message, hint }: Problem): string {
  const place = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':')
  return `${place}  ${message}${hint === undefined ? '' : ` ${hint}`}`
}

/** By file, then by place in it, so that a person can work through the list from top to bottom. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))]
  return [...problems].sort(
    (one, other) =>
      files.indexOf(one.file) - files.indexOf(other.file) ||
      (one.line ?? 0) - (other.line ?? 0) ||
      (one.column ?? 0) - (other.column ?? 0),
  )
}
