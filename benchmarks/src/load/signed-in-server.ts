// The app with accounts in a process of its own. It tells where it serves, and ends with its parent.
import { startSignedIn } from '../suites/identity/signed-in.ts'
import type { FloodedServer } from '../suites/identity/flooded.ts'

const { url, accessToken } = await startSignedIn()
const told: FloodedServer = { url, accessToken }
process.send?.(told)
process.once('disconnect', () => process.exit())
