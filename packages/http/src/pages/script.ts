// The one script of the pages. Everything works without it, except passkeys; it is served as a file, so that no page needs inline code.

export const script = `// Fills codes from links in, shows passwords on demand, and speaks with the browser about passkeys.
const all = (selector) => document.querySelectorAll(selector)

// The code of a mail's link stands behind the #, which no server sees. It goes into its field, and out of the address and the history.
function takeFragment() {
  const code = location.hash.slice(1)
  const [field] = all('[data-fragment]')
  if (code === '' || field === undefined) return
  history.replaceState(null, '', location.pathname + location.search)
  if (!/^[\\w.~-]+$/.test(code)) return
  field.value = code
  const next = [...all('input:not([type=hidden]), button')].find((one) => one !== field && !one.value)
  next?.focus()
}
takeFragment()
addEventListener('hashchange', takeFragment)

for (const field of all('input[type=password]')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'show'
  button.setAttribute('aria-controls', field.id)
  const show = (shown) => {
    field.type = shown ? 'text' : 'password'
    button.textContent = shown ? 'Hide password' : 'Show password'
  }
  show(false)
  button.addEventListener('click', () => show(field.type === 'password'))
  // What is sent as text, browsers would remember as text.
  field.form.addEventListener('submit', () => show(false))
  field.after(button)
}

if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined) {
  for (const form of all('[data-passkey]')) form.hidden = false
  for (const form of all('[data-passkey-options]')) startPasskey(form)
}

function startPasskey(form) {
  const options = JSON.parse(form.dataset.passkeyOptions)
  const [waiting, failed] = ['waiting', 'failed'].map((what) => form.querySelector('[data-passkey-' + what + ']'))
  const button = form.querySelector('button')
  const ask = async () => {
    waiting.hidden = false
    button.hidden = true
    failed.hidden = true
    try {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
      const credential = await navigator.credentials.get({ publicKey })
      form.elements.response.value = JSON.stringify(credential)
      form.submit()
    } catch {
      waiting.hidden = true
      button.hidden = false
      failed.hidden = false
      button.focus()
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    ask()
  })
  ask()
}

// A page that the browser kept whole may show who is no longer signed in: it is asked for anew.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})
`
