// Where the pages are. Mails link to some of them, so they stay where they are.

export const paths = {
  signIn: '/sign-in',
  secondFactor: '/sign-in/code',
  passkey: '/sign-in/passkey',
  passkeyAnswer: '/sign-in/passkey/answer',
  signOut: '/sign-out',
  setUp: '/set-up',
  identity: '/identity',
  invitation: '/invitation',
  invitationAccount: '/invitation/account',
  invitationAccept: '/invitation/accept',
  verify: '/verify',
  verified: '/verify/done',
  forgotPassword: '/forgot-password',
  forgotPasswordSent: '/forgot-password/sent',
  resetPassword: '/reset-password',
  passwordWasReset: '/reset-password/done',
} as const

export const assets = {
  style: '/sign-in/style.css',
  script: '/sign-in/script.js',
} as const
