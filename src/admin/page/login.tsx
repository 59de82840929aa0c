/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { page } from './layout.tsx'
import { said } from './said.ts'

export function loginPage({ why }: { readonly why: string | undefined }) {
  const message = said(why)
  return page({
    title: 'Sign in',
    children: (
      <form method="post" action="/login" class="login">
        {message !== undefined && <p role="alert">{message}</p>}
        <label>
          Name
          <input name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit">Sign in</button>
      </form>
    ),
  })
}
