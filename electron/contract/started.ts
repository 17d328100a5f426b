/** The line on standard error by which the application reports to the launcher that its first window is shown. */
export const WINDOW_IS_OPEN = 'portolan: the window is open'
