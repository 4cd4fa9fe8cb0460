// @gesta/http: serves a started app over HTTP. The only package that knows status codes.
export { routes } from './routes.ts'
export { serve } from './serve.ts'
export type { CheckedRoutes, CustomRoute, Method, Routes } from './routes.ts'
export type { Server } from './serve.ts'
export type { Authenticate, HttpRequest, ServeOptions } from './options.ts'
export type { Logger } from './logger.ts'
export type { Problem } from './problem.ts'
export type { HttpCode, ProblemCode } from './status.ts'
