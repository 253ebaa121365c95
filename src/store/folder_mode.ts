/** Rights on a data folder that is made: its owner's alone, since what users have said is in it, and rooms' passwords. */
export const FOLDER_MODE = 0o700;
