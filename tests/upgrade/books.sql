-- Books by each function that the version of :new_functions knows, and cancels. Prints what came of it.
SELECT id AS event FROM evently.create_event('Upgrade', now() + interval '1 day', 10) \gset
SELECT id AS booker FROM evently.create_user(:event || '@upgrade.example') \gset
SELECT id AS booking FROM evently.book(:booker, :event, 3, 'book') \gset
SELECT 'book', id = :booking AS replayed, seats, status
FROM evently.book(:booker, :event, 3, 'book');
\if :new_functions
SELECT 'book_many', "position", outcome, seats_available
FROM evently.book_many(:event, ARRAY[:booker, :booker], '{1,1}', '{book,many}');
CALL evently.book_and_commit(:booker, :event, 1, 'commit') \gset
SELECT 'book_and_commit', :'status', :seats_available;
\endif
SELECT 'cancel', status FROM evently.cancel(:booking);
SELECT 'left', seats_available FROM evently.event_list WHERE id = :event;
SELECT 'versions', version, module_version FROM evently.status();
